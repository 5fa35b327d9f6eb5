BEGIN TRANSACTION;
CREATE TABLE advisers (
            number integer primary key,
            name text not null,
            role text not null,
            village text,
            sender text unique,
            code text unique,
            code_until text,
            bound_at text,
            removed_at text
        );
CREATE TABLE duties (
            number integer primary key,
            kind text not null,
            village text,
            opened_at text not null,
            acknowledge_by text not null,
            acknowledged_at text,
            acknowledged_by integer,
            outcome text
        );
CREATE TABLE migrations (number integer primary key, name text not null);
INSERT INTO "migrations" VALUES(1,'m001_turns');
INSERT INTO "migrations" VALUES(2,'m002_nonces');
INSERT INTO "migrations" VALUES(3,'m003_conversations');
CREATE TABLE nonces (nonce text primary key, message text not null, seen_at text not null);
INSERT INTO "nonces" VALUES('1:16','361185130a8c5c533b8574f70491669a','2026-11-21T03:52:00.000Z');
INSERT INTO "nonces" VALUES('1:17','759a530f0e519833eeb267375d39b5f6','2026-11-21T03:59:00.000Z');
INSERT INTO "nonces" VALUES('1:18','eced6a6ad588224f53de70b30b6823ad','2026-11-21T04:06:00.000Z');
CREATE TABLE ticket_events (ticket integer not null, at text not null, adviser integer, what text not null);
INSERT INTO "ticket_events" VALUES(1,'2026-11-21T03:17:00.000Z',NULL,'opened');
CREATE TABLE tickets (
            number integer primary key,
            villager text not null,
            village text,
            question text,
            category text,
            turn text,
            because text not null,
            opened_at text not null,
            due_at text not null,
            assigned integer,
            answer text,
            answered_by integer,
            answered_at text,
            delivered_at text,
            closed_at text
        );
INSERT INTO "tickets" VALUES(1,'0a30f550e397ab184a63b890cfb2a301','示例一村','没结婚彩礼要退吗','婚姻','da8569881eff9ca14b08fbd5d57aa801','useless','2026-11-21T03:17:00.000Z','2026-11-22T03:17:00.000Z',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE turns (
            key text primary key,
            received_at text not null,
            day text not null,
            channel text not null,
            villager text not null,
            kind text not null,
            text text,
            decision text not null,
            entry_id text,
            entry_version text,
            category text,
            score double precision,
            offered text,
            follows text,
            reply text not null,
            latency_ms double precision not null
        , village text, answered_by text not null default '机器人', adviser integer, verdict text, remark text);
INSERT INTO "turns" VALUES('bb8401fec0c8718356ef48a1a83da894','2026-11-20T02:07:00.000Z','2026-11-20','公众号文字','0aecef6992949a175c3008961c8dc1f6','subscribe',NULL,'event',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，这里是镇里的普法问答。\n有法律上的难事，用平常说话的样子打字发来就行，比如：\n老板欠我工钱\n邻居占了我家的地\n征地补偿怎么算\n\n答案由人事先写好，机器人只帮您找出来。\n回「目录」慢慢看，回「帮助」看怎么用，回 00 找人问。\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [], "tail": ""}',0.704,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('43799a5236cf963822b5cf1c7ec6e99e','2026-11-20T02:14:00.000Z','2026-11-20','公众号文字','0aecef6992949a175c3008961c8dc1f6','text','老板不给工资','answer','wage','92661a911f5f','劳动与工资',1.0,NULL,NULL,'{"text": "您问的是：老板拖欠工资怎么要？不是请回 0。\n\n可以去劳动监察投诉。\n\n【依据】《劳动法》第五十条", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',7.884,NULL,'机器人',NULL,'helped',NULL);
INSERT INTO "turns" VALUES('cd9799d5621996968b74167e7b4ca4ed','2026-11-20T02:21:00.000Z','2026-11-20','公众号文字','0aecef6992949a175c3008961c8dc1f6','text','有用','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "谢谢告诉我们。还有别的事，随时发来。", "options": [], "tail": ""}',0.426,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('46d5249d697059a4045ba09146c62497','2026-11-20T02:28:00.000Z','2026-11-20','公众号文字','ad81962131abd4b4dc1a716dbf80e833','text','想离婚他不签字，电话[手机号]','answer','divorce','b6da8fff6dca','婚姻',1.0,NULL,NULL,'{"text": "您问的是：对方不同意离婚怎么办？不是请回 0。\n\n可以向法院起诉。\n\n【依据】《劳动法》第五十条\n\n（提醒：不用发电话、证件号、银行卡号，刚才的号码已经遮掉，没有存。）\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',1.741,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('590bb85169645f4473fa59b0ecf9de86','2026-11-20T02:35:00.000Z','2026-11-20','公众号文字','ad81962131abd4b4dc1a716dbf80e833','text','老公不肯离婚，老板不给工资，悔婚彩礼','choose',NULL,NULL,NULL,0.5005,'["wage", "divorce", "bride-price"]',NULL,'{"text": "您想问的是哪一个？回前面的数字就能看答案：", "options": [{"label": "老板拖欠工资怎么要？", "send": "老板拖欠工资怎么要？", "number": ""}, {"label": "对方不同意离婚怎么办？", "send": "对方不同意离婚怎么办？", "number": ""}, {"label": "退婚彩礼能要回来吗？", "send": "退婚彩礼能要回来吗？", "number": ""}, {"label": "都不是", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": ""}',1.484,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('c7744dbf853578ce81a0a441eb4ba1b7','2026-11-20T02:42:00.000Z','2026-11-20','公众号文字','ad81962131abd4b4dc1a716dbf80e833','text','1','answer','wage','92661a911f5f','劳动与工资',NULL,NULL,'590bb85169645f4473fa59b0ecf9de86','{"text": "您问的是：老板拖欠工资怎么要？不是请回 0。\n\n可以去劳动监察投诉。\n\n【依据】《劳动法》第五十条", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',0.308,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('6d9547a30558425dd927e0dc25990c45','2026-11-20T02:49:00.000Z','2026-11-20','网页','ea4b333a20d91357b94cbba4fbec23d5','text','女方悔婚彩礼','answer','bride-price','20dde7b6f30c','婚姻',1.0,NULL,NULL,'{"text": "您问的是：退婚彩礼能要回来吗？不是请回 0。\n\n一般可以要求返还。\n\n【依据】《劳动法》第五十条\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',5.714,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('5a0104ad69e7f56f93d9bdd97e06a2f7','2026-11-21T02:56:00.000Z','2026-11-21','公众号文字','0aecef6992949a175c3008961c8dc1f6','text','欠我三个月工钱','answer','wage','92661a911f5f','劳动与工资',1.0,NULL,NULL,'{"text": "您问的是：老板拖欠工资怎么要？不是请回 0。\n\n可以去劳动监察投诉。\n\n【依据】《劳动法》第五十条", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',1.845,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('435dd6cb9ca58f3527508ec74bdb2ef4','2026-11-21T03:03:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','示例一村','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "记下了，您是示例一村的。您村的法律顾问：示例顾问一，电话 0000-0000101（示例），值班每月第一个周三 9:00–17:00 在村委会（示例），下次是12月2日。\n不对的话，发「我的村」改。\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [], "tail": ""}',0.922,'示例一村','机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('da8569881eff9ca14b08fbd5d57aa801','2026-11-21T03:10:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','没结婚彩礼要退吗','answer','bride-price','20dde7b6f30c','婚姻',1.0,NULL,NULL,'{"text": "您问的是：退婚彩礼能要回来吗？不是请回 0。\n\n一般可以要求返还。\n\n【依据】《劳动法》第五十条", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',1.56,'示例一村','机器人',NULL,'useless',NULL);
INSERT INTO "turns" VALUES('4d30d72f5ed5bc716d02e91c99351ced','2026-11-21T03:17:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','没用','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "对不住，没帮上忙。已转给人来答复，编号001；编号只有您本人能查。\n最晚11月22日11:17前答复。到时候发「001」，或者随便发一句话，就能看到。\n急的话直接打电话：\n您村的法律顾问：示例顾问一，电话 0000-0000101（示例），值班每月第一个周三 9:00–17:00 在村委会（示例），下次是12月2日。\n示例镇司法所：电话 0000-0000001（示例），周一至周五 8:30–12:00、14:30–17:30（示例）（节假日除外）。现在下班了，上班时间再打。\n12348，不收钱，有客家话座席。\n哪里没用，可以发「没用」加一句话告诉我们，比如：没用 看不懂", "options": [], "tail": ""}',0.63,'示例一村','机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('a94e6fbdfb7ff1fbdb7815007377adb0','2026-11-21T03:24:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','人工','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "已转给人来答复，编号001；编号只有您本人能查。\n最晚11月22日11:17前答复。到时候发「001」，或者随便发一句话，就能看到。\n急的话直接打电话：\n您村的法律顾问：示例顾问一，电话 0000-0000101（示例），值班每月第一个周三 9:00–17:00 在村委会（示例），下次是12月2日。\n示例镇司法所：电话 0000-0000001（示例），周一至周五 8:30–12:00、14:30–17:30（示例）（节假日除外）。现在下班了，上班时间再打。\n12348，不收钱，有客家话座席。", "options": [], "tail": ""}',0.369,'示例一村','机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('d2e8a70d67a3eb88b30efe0662660aa8','2026-11-21T03:31:00.000Z','2026-11-21','公众号文字','cc5be5a25bff607750511b3169142040','text','今天天气怎么样','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "我是镇里的普法机器人，只会找法律上的答案。您遇到什么事，打几个字发来，比如「邻居占了我家的地」；找人问回 00。\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [], "tail": ""}',0.217,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('cd73658773ff1b4eac8ab0dd35892c72','2026-11-21T03:38:00.000Z','2026-11-21','公众号文字','cd67f05ab184f05fadb466604c6f54cf','text',NULL,'answer','wage','92661a911f5f','劳动与工资',1.0,NULL,NULL,'{"text": "", "options": [], "tail": ""}',1.474,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('67d8b249b079c6792f502a627b576e14','2026-11-21T03:45:00.000Z','2026-11-21','公众号文字','e02900a03501442ae1810c2d728dd9df','text',NULL,'command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "已经删掉了：您的问题、编号、村子都不在了，只留下没法认出您的数字。以后再发消息，会重新告诉您怎么记录。", "options": [], "tail": ""}',0.418,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('361185130a8c5c533b8574f70491669a','2026-11-21T03:52:00.000Z','2026-11-21','公众号文字','48cc4294c6c24f53f58907bd53bba260','text',NULL,'answer','divorce','b6da8fff6dca','婚姻',1.0,NULL,NULL,'{"text": "", "options": [], "tail": ""}',1.4,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('759a530f0e519833eeb267375d39b5f6','2026-11-21T03:59:00.000Z','2026-11-21','公众号文字','48cc4294c6c24f53f58907bd53bba260','unsubscribe',NULL,'event',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "", "options": [], "tail": ""}',0.272,NULL,'机器人',NULL,NULL,NULL);
INSERT INTO "turns" VALUES('eced6a6ad588224f53de70b30b6823ad','2026-11-21T04:06:00.000Z','2026-11-21','公众号文字','2625dcc45a229b95cddc462c94a4ce02','text','老公不肯离婚，老板不给工资，悔婚彩礼','choose',NULL,NULL,NULL,0.5005,'["wage", "divorce", "bride-price"]',NULL,'{"text": "【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。\n\n您想问的是哪一个？回前面的数字就能看答案：", "options": [{"label": "老板拖欠工资怎么要？", "send": "老板拖欠工资怎么要？", "number": ""}, {"label": "对方不同意离婚怎么办？", "send": "对方不同意离婚怎么办？", "number": ""}, {"label": "退婚彩礼能要回来吗？", "send": "退婚彩礼能要回来吗？", "number": ""}, {"label": "都不是", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": ""}',1.351,NULL,'机器人',NULL,NULL,NULL);
CREATE TABLE villagers (
            villager text primary key,
            village text,
            notice text,
            noticed_at text,
            withdrawn_at text,
            state text,
            state_at text,
            version integer not null
        );
INSERT INTO "villagers" VALUES('0aecef6992949a175c3008961c8dc1f6',NULL,'2026-11','2026-11-20T02:07:00.000Z',NULL,'{"choices":[{"label":"有用","action":"helped"},{"label":"没用","action":"useless"}],"back":"reject","question":"5a0104ad69e7f56f93d9bdd97e06a2f7","shown":"5a0104ad69e7f56f93d9bdd97e06a2f7","entry":"wage","others":["wage","divorce","bride-price"],"tail":"——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}','2026-11-21T02:56:00.000Z',3);
INSERT INTO "villagers" VALUES('ad81962131abd4b4dc1a716dbf80e833',NULL,'2026-11','2026-11-20T02:28:00.000Z',NULL,'{"choices":[{"label":"有用","action":"helped"},{"label":"没用","action":"useless"}],"back":"again","question":"590bb85169645f4473fa59b0ecf9de86","shown":"c7744dbf853578ce81a0a441eb4ba1b7","entry":"wage","others":["wage","divorce","bride-price"],"tail":"——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}','2026-11-20T02:42:00.000Z',3);
INSERT INTO "villagers" VALUES('ea4b333a20d91357b94cbba4fbec23d5',NULL,'2026-11','2026-11-20T02:49:00.000Z',NULL,'{"choices":[{"label":"有用","action":"helped"},{"label":"没用","action":"useless"}],"back":"reject","question":"6d9547a30558425dd927e0dc25990c45","shown":"6d9547a30558425dd927e0dc25990c45","entry":"bride-price","others":["bride-price","divorce","wage"],"tail":"——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}','2026-11-20T02:49:00.000Z',1);
INSERT INTO "villagers" VALUES('0a30f550e397ab184a63b890cfb2a301','示例一村','2026-11','2026-11-21T03:03:00.000Z',NULL,'{"choices":[{"label":"有用","action":"helped"},{"label":"没用","action":"useless"}],"back":"reject","question":"da8569881eff9ca14b08fbd5d57aa801","shown":"da8569881eff9ca14b08fbd5d57aa801","entry":"bride-price","others":["bride-price","divorce","wage"],"tail":"——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}','2026-11-21T03:24:00.000Z',4);
INSERT INTO "villagers" VALUES('cc5be5a25bff607750511b3169142040',NULL,'2026-11','2026-11-21T03:31:00.000Z',NULL,NULL,NULL,1);
INSERT INTO "villagers" VALUES('2625dcc45a229b95cddc462c94a4ce02',NULL,'2026-11','2026-11-21T04:06:00.000Z',NULL,'{"choices":[{"label":"老板拖欠工资怎么要？","action":"entry:wage"},{"label":"对方不同意离婚怎么办？","action":"entry:divorce"},{"label":"退婚彩礼能要回来吗？","action":"entry:bride-price"}],"back":"none","question":"eced6a6ad588224f53de70b30b6823ad","others":["wage","divorce","bride-price"]}','2026-11-21T04:06:00.000Z',1);
CREATE INDEX turns_by_day on turns (day, decision);
CREATE INDEX turns_by_villager on turns (villager, received_at);
CREATE INDEX turns_by_follows on turns (follows);
CREATE INDEX nonces_by_age on nonces (seen_at);
CREATE INDEX tickets_by_villager on tickets (villager);
CREATE INDEX tickets_open on tickets (closed_at, due_at);
CREATE INDEX ticket_events_by_ticket on ticket_events (ticket);
COMMIT;
