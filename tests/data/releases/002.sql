BEGIN TRANSACTION;
CREATE TABLE migrations (number integer primary key, name text not null);
INSERT INTO "migrations" VALUES(1,'m001_turns');
INSERT INTO "migrations" VALUES(2,'m002_nonces');
CREATE TABLE nonces (nonce text primary key, message text not null, seen_at text not null);
INSERT INTO "nonces" VALUES('1:16','361185130a8c5c533b8574f70491669a','2026-11-21T03:52:00.000Z');
INSERT INTO "nonces" VALUES('1:17','759a530f0e519833eeb267375d39b5f6','2026-11-21T03:59:00.000Z');
INSERT INTO "nonces" VALUES('1:18','eced6a6ad588224f53de70b30b6823ad','2026-11-21T04:06:00.000Z');
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
        );
INSERT INTO "turns" VALUES('bb8401fec0c8718356ef48a1a83da894','2026-11-20T02:07:00.000Z','2026-11-20','公众号文字','0aecef6992949a175c3008961c8dc1f6','subscribe',NULL,'event',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，这里是镇里的普法问答。\n有法律上的难事，用平常说话的样子打字发来就行，比如：\n老板欠我工钱\n邻居占了我家的地\n征地补偿怎么算\n\n答案由人事先写好，机器人只帮您找出来。想直接问人，拨12348，不收钱。", "options": [], "tail": ""}',0.348);
INSERT INTO "turns" VALUES('43799a5236cf963822b5cf1c7ec6e99e','2026-11-20T02:14:00.000Z','2026-11-20','公众号文字','0aecef6992949a175c3008961c8dc1f6','text','老板不给工资','answer','wage','92661a911f5f','劳动与工资',1.0,NULL,NULL,'{"text": "您问的是：老板拖欠工资怎么要？\n\n可以去劳动监察投诉。\n\n【依据】《劳动法》第五十条\n\n——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；想问人、要法律援助，拨12348。", "options": [], "tail": ""}',2.497);
INSERT INTO "turns" VALUES('cd9799d5621996968b74167e7b4ca4ed','2026-11-20T02:21:00.000Z','2026-11-20','公众号文字','0aecef6992949a175c3008961c8dc1f6','text','有用','miss',NULL,NULL,NULL,0.3333,NULL,NULL,'{"text": "这个问题还没有准备好的答案，已经记下来了，会有人来看。\n您可以换个说法，把最要紧的一件事说清楚，再发一次。\n急的话直接问人：拨12348，免费，有客家话座席。", "options": [], "tail": ""}',0.945);
INSERT INTO "turns" VALUES('46d5249d697059a4045ba09146c62497','2026-11-20T02:28:00.000Z','2026-11-20','公众号文字','ad81962131abd4b4dc1a716dbf80e833','text','想离婚他不签字，电话[手机号]','answer','divorce','b6da8fff6dca','婚姻',1.0,NULL,NULL,'{"text": "您问的是：对方不同意离婚怎么办？\n\n可以向法院起诉。\n\n【依据】《劳动法》第五十条\n\n——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；想问人、要法律援助，拨12348。", "options": [], "tail": ""}',1.089);
INSERT INTO "turns" VALUES('590bb85169645f4473fa59b0ecf9de86','2026-11-20T02:35:00.000Z','2026-11-20','公众号文字','ad81962131abd4b4dc1a716dbf80e833','text','老公不肯离婚，老板不给工资，悔婚彩礼','choose',NULL,NULL,NULL,0.6387,'["divorce", "wage", "bride-price"]',NULL,'{"text": "您想问的是哪一个？回前面的数字就能看答案：", "options": [{"label": "对方不同意离婚怎么办？", "send": "对方不同意离婚怎么办？"}, {"label": "老板拖欠工资怎么要？", "send": "老板拖欠工资怎么要？"}, {"label": "退婚彩礼能要回来吗？", "send": "退婚彩礼能要回来吗？"}], "tail": "都不是的话，换个说法再发一次；想直接问人，拨12348，不收钱。"}',1.046);
INSERT INTO "turns" VALUES('c7744dbf853578ce81a0a441eb4ba1b7','2026-11-20T02:42:00.000Z','2026-11-20','公众号文字','ad81962131abd4b4dc1a716dbf80e833','text','1','answer','divorce','b6da8fff6dca','婚姻',NULL,NULL,'590bb85169645f4473fa59b0ecf9de86','{"text": "您问的是：对方不同意离婚怎么办？\n\n可以向法院起诉。\n\n【依据】《劳动法》第五十条\n\n——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；想问人、要法律援助，拨12348。", "options": [], "tail": ""}',0.203);
INSERT INTO "turns" VALUES('6d9547a30558425dd927e0dc25990c45','2026-11-20T02:49:00.000Z','2026-11-20','网页','ea4b333a20d91357b94cbba4fbec23d5','text','女方悔婚彩礼','answer','bride-price','20dde7b6f30c','婚姻',1.0,NULL,NULL,'{"text": "您问的是：退婚彩礼能要回来吗？\n\n一般可以要求返还。\n\n【依据】《劳动法》第五十条\n\n——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；想问人、要法律援助，拨12348。", "options": [], "tail": ""}',0.787);
INSERT INTO "turns" VALUES('5a0104ad69e7f56f93d9bdd97e06a2f7','2026-11-21T02:56:00.000Z','2026-11-21','公众号文字','0aecef6992949a175c3008961c8dc1f6','text','欠我三个月工钱','answer','wage','92661a911f5f','劳动与工资',1.0,NULL,NULL,'{"text": "您问的是：老板拖欠工资怎么要？\n\n可以去劳动监察投诉。\n\n【依据】《劳动法》第五十条\n\n——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；想问人、要法律援助，拨12348。", "options": [], "tail": ""}',0.822);
INSERT INTO "turns" VALUES('435dd6cb9ca58f3527508ec74bdb2ef4','2026-11-21T03:03:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','示例一村','miss',NULL,NULL,NULL,0.9561,NULL,NULL,'{"text": "这个问题还没有准备好的答案，已经记下来了，会有人来看。\n您可以换个说法，把最要紧的一件事说清楚，再发一次。\n急的话直接问人：拨12348，免费，有客家话座席。", "options": [], "tail": ""}',0.879);
INSERT INTO "turns" VALUES('da8569881eff9ca14b08fbd5d57aa801','2026-11-21T03:10:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','没结婚彩礼要退吗','answer','bride-price','20dde7b6f30c','婚姻',1.0,NULL,NULL,'{"text": "您问的是：退婚彩礼能要回来吗？\n\n一般可以要求返还。\n\n【依据】《劳动法》第五十条\n\n——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；想问人、要法律援助，拨12348。", "options": [], "tail": ""}',0.799);
INSERT INTO "turns" VALUES('4d30d72f5ed5bc716d02e91c99351ced','2026-11-21T03:17:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','没用','choose',NULL,NULL,NULL,1.0,'["bride-price", "divorce", "wage"]',NULL,'{"text": "您想问的是哪一个？回前面的数字就能看答案：", "options": [{"label": "退婚彩礼能要回来吗？", "send": "退婚彩礼能要回来吗？"}, {"label": "对方不同意离婚怎么办？", "send": "对方不同意离婚怎么办？"}, {"label": "老板拖欠工资怎么要？", "send": "老板拖欠工资怎么要？"}], "tail": "都不是的话，换个说法再发一次；想直接问人，拨12348，不收钱。"}',0.674);
INSERT INTO "turns" VALUES('a94e6fbdfb7ff1fbdb7815007377adb0','2026-11-21T03:24:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','人工','choose',NULL,NULL,NULL,1.0,'["wage", "divorce", "bride-price"]',NULL,'{"text": "您想问的是哪一个？回前面的数字就能看答案：", "options": [{"label": "老板拖欠工资怎么要？", "send": "老板拖欠工资怎么要？"}, {"label": "对方不同意离婚怎么办？", "send": "对方不同意离婚怎么办？"}, {"label": "退婚彩礼能要回来吗？", "send": "退婚彩礼能要回来吗？"}], "tail": "都不是的话，换个说法再发一次；想直接问人，拨12348，不收钱。"}',0.765);
INSERT INTO "turns" VALUES('d2e8a70d67a3eb88b30efe0662660aa8','2026-11-21T03:31:00.000Z','2026-11-21','公众号文字','cc5be5a25bff607750511b3169142040','text','今天天气怎么样','miss',NULL,NULL,NULL,0.3333,NULL,NULL,'{"text": "这个问题还没有准备好的答案，已经记下来了，会有人来看。\n您可以换个说法，把最要紧的一件事说清楚，再发一次。\n急的话直接问人：拨12348，免费，有客家话座席。", "options": [], "tail": ""}',0.741);
INSERT INTO "turns" VALUES('cd73658773ff1b4eac8ab0dd35892c72','2026-11-21T03:38:00.000Z','2026-11-21','公众号文字','60e90d7d260ddf79a4fbcc20f606e354','text','老板不给工资','answer','wage','92661a911f5f','劳动与工资',1.0,NULL,NULL,'{"text": "您问的是：老板拖欠工资怎么要？\n\n可以去劳动监察投诉。\n\n【依据】《劳动法》第五十条\n\n——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；想问人、要法律援助，拨12348。", "options": [], "tail": ""}',0.729);
INSERT INTO "turns" VALUES('67d8b249b079c6792f502a627b576e14','2026-11-21T03:45:00.000Z','2026-11-21','公众号文字','60e90d7d260ddf79a4fbcc20f606e354','text','删除我的记录','choose',NULL,NULL,NULL,1.0,'["wage", "divorce", "bride-price"]',NULL,'{"text": "您想问的是哪一个？回前面的数字就能看答案：", "options": [{"label": "老板拖欠工资怎么要？", "send": "老板拖欠工资怎么要？"}, {"label": "对方不同意离婚怎么办？", "send": "对方不同意离婚怎么办？"}, {"label": "退婚彩礼能要回来吗？", "send": "退婚彩礼能要回来吗？"}], "tail": "都不是的话，换个说法再发一次；想直接问人，拨12348，不收钱。"}',0.837);
INSERT INTO "turns" VALUES('361185130a8c5c533b8574f70491669a','2026-11-21T03:52:00.000Z','2026-11-21','公众号文字','32f954786d64095d2d000c7b0ad55e2d','text',NULL,'answer','divorce','b6da8fff6dca','婚姻',1.0,NULL,NULL,'{"text": "", "options": [], "tail": ""}',0.732);
INSERT INTO "turns" VALUES('759a530f0e519833eeb267375d39b5f6','2026-11-21T03:59:00.000Z','2026-11-21','公众号文字','32f954786d64095d2d000c7b0ad55e2d','unsubscribe',NULL,'event',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "", "options": [], "tail": ""}',0.279);
INSERT INTO "turns" VALUES('eced6a6ad588224f53de70b30b6823ad','2026-11-21T04:06:00.000Z','2026-11-21','公众号文字','2625dcc45a229b95cddc462c94a4ce02','text','老公不肯离婚，老板不给工资，悔婚彩礼','choose',NULL,NULL,NULL,0.6387,'["divorce", "wage", "bride-price"]',NULL,'{"text": "您想问的是哪一个？回前面的数字就能看答案：", "options": [{"label": "对方不同意离婚怎么办？", "send": "对方不同意离婚怎么办？"}, {"label": "老板拖欠工资怎么要？", "send": "老板拖欠工资怎么要？"}, {"label": "退婚彩礼能要回来吗？", "send": "退婚彩礼能要回来吗？"}], "tail": "都不是的话，换个说法再发一次；想直接问人，拨12348，不收钱。"}',1.041);
CREATE INDEX turns_by_day on turns (day, decision);
CREATE INDEX turns_by_villager on turns (villager, received_at);
CREATE INDEX turns_by_follows on turns (follows);
CREATE INDEX nonces_by_age on nonces (seen_at);
COMMIT;
