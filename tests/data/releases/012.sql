BEGIN TRANSACTION;
CREATE TABLE activities (
                number integer primary key,
                day text not null, 
            place text, village text, topic text not null, setting text, form text not null, organiser text,
            times integer not null, attendance integer, leaflets integer, banners integer, boards integer, led integer,
            consulted integer, evidence text, remark text,
                entered_at text not null,
                entered_by text not null,
                voided_at text
            );
INSERT INTO "activities" VALUES(1,'2024-01-08','示例一村（示例）','示例一村','习近平法治思想讲座','企业','习近平法治思想讲座','示例镇司法所',1,83,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2024-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(26,'2024-02-15','示例二村（示例）','示例二村','宪法宣传','乡村','法治宣传活动','示例镇司法所',1,432,220,1,NULL,NULL,37,'示例：照片3张',NULL,'2024-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(51,'2024-04-12','示例一村（示例）','示例一村','宪法宣传','学校','法治课堂','示例镇司法所',1,48,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2024-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(76,'2024-05-27','示例六村（示例）','示例六村','宅基地怎么批','社区','横幅标语','示例镇司法所',0,NULL,NULL,1,NULL,NULL,NULL,'示例：照片3张',NULL,'2024-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(101,'2024-07-25','示例八村（示例）','示例八村','宅基地怎么批','企业','法治课堂','示例镇司法所',1,45,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2024-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(126,'2024-09-23','示例二村（示例）','示例二村','防范电信网络诈骗','第七项（由本镇定）','法治课堂','示例镇司法所',1,57,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2024-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(151,'2024-10-30','示例六村（示例）','示例六村','“两委”专题学习会','第七项（由本镇定）','“两委”专题学习会','示例镇司法所',1,9,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2024-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(176,'2024-12-23','示例十二村（示例）','示例十二村','“两委”专题学习会','机关','“两委”专题学习会','示例镇司法所',1,7,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2025-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(201,'2025-02-10','示例九村（示例）','示例九村','防范电信网络诈骗','机关','法治课堂','示例镇司法所',1,35,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2025-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(226,'2025-04-04','示例五村（示例）','示例五村','农民工讨薪怎么办','企业','法治宣传活动','示例镇司法所',1,375,249,2,NULL,NULL,24,'示例：照片3张',NULL,'2025-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(251,'2025-06-16','示例九村（示例）','示例九村','支部专题学习','乡村','支部专题学习','示例镇司法所',1,19,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2025-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(276,'2025-08-06','示例二村（示例）','示例二村','“两委”专题学习会','学校','“两委”专题学习会','示例镇司法所',1,7,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2025-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(301,'2025-09-12','示例九村（示例）','示例九村','宪法宣传','企业','法治课堂','示例镇司法所',1,35,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2025-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(326,'2025-11-03','示例四村（示例）','示例四村','防范电信网络诈骗','乡村','法治课堂','示例镇司法所',1,41,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2025-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "activities" VALUES(351,'2025-12-18','示例十二村（示例）','示例十二村','“两委”专题学习会','机关','“两委”专题学习会','示例镇司法所',1,7,NULL,NULL,NULL,NULL,NULL,'示例：照片3张',NULL,'2026-01-01T01:00:00.000Z','示例统计员',NULL);
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
INSERT INTO "advisers" VALUES(1,'示例司法助理员','司法所',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(2,'示例顾问一','法律顾问','示例一村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(3,'示例法律明白人1','法律明白人','示例一村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(4,'示例顾问二','法律顾问','示例二村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(5,'示例法律明白人2','法律明白人','示例二村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(6,'示例顾问三','法律顾问','示例三村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(7,'示例法律明白人3','法律明白人','示例三村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(8,'示例顾问四','法律顾问','示例四村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(9,'示例法律明白人4','法律明白人','示例四村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(10,'示例顾问五','法律顾问','示例五村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(11,'示例法律明白人5','法律明白人','示例五村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(12,'示例顾问六','法律顾问','示例六村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(13,'示例法律明白人6','法律明白人','示例六村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(14,'示例顾问七','法律顾问','示例七村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(15,'示例法律明白人7','法律明白人','示例七村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(16,'示例顾问八','法律顾问','示例八村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(17,'示例法律明白人8','法律明白人','示例八村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(18,'示例顾问九','法律顾问','示例九村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(19,'示例法律明白人9','法律明白人','示例九村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(20,'示例顾问十','法律顾问','示例十村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(21,'示例法律明白人10','法律明白人','示例十村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(22,'示例顾问十一','法律顾问','示例十一村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(23,'示例法律明白人11','法律明白人','示例十一村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(24,'示例顾问十二','法律顾问','示例十二村',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "advisers" VALUES(25,'示例法律明白人12','法律明白人','示例十二村',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE closed_months (month text primary key, closed_at text not null, closed_by text not null);
CREATE TABLE counted (
            month text primary key,
            version integer not null,
            data text,
            sealed_at text
        );
CREATE TABLE disputes (
                number integer primary key,
                day text not null, 
            village text not null, type text not null, source text not null, body text not null, parties integer,
            amount double precision, hard text not null, result text not null, closed_on text, agreement text,
            followed_up text, remark text,
                entered_at text not null,
                entered_by text not null,
                voided_at text
            );
INSERT INTO "disputes" VALUES(1,'2024-01-02','示例四村','婚姻家庭','依申请调解','村调委会',5,2.18,'否','成功','2024-01-25','口头','否',NULL,'2024-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(26,'2024-01-10','示例十一村','山林土地','其他部门委托移送','村调委会',2,NULL,'否','不成','2024-01-28',NULL,NULL,NULL,'2024-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(51,'2024-01-22','示例六村','拖欠农民工工资','依申请调解','村调委会',3,NULL,'是','成功','2024-02-14','口头','是',NULL,'2024-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(76,'2024-02-02','示例十村','山林土地','依申请调解','村调委会',2,0.49,'否','成功','2024-02-27','书面','是',NULL,'2024-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(101,'2024-02-12','示例一村','山林土地','主动调解','村调委会',2,NULL,'否','成功','2024-03-18','口头','是',NULL,'2024-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(126,'2024-02-23','示例二村','山林土地','主动调解','村调委会',2,1.77,'否','在办',NULL,NULL,NULL,NULL,'2024-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(151,'2024-03-04','示例十村','山林土地','法院委托移送','村调委会',2,NULL,'否','在办',NULL,NULL,NULL,NULL,'2024-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(176,'2024-03-15','示例九村','损害赔偿','公安机关委托移送','村调委会',6,NULL,'否','成功','2024-04-15','口头','是',NULL,'2024-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(201,'2024-03-29','示例四村','邻里','法院委托移送','村调委会',2,0.17,'否','成功','2024-04-08','书面','否',NULL,'2024-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(226,'2024-04-08','示例三村','婚姻家庭','主动调解','村调委会',2,NULL,'否','成功','2024-04-17','口头','是',NULL,'2024-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(251,'2024-04-22','示例二村','损害赔偿','主动调解','村调委会',2,3.28,'否','成功','2024-05-10','书面','是',NULL,'2024-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(276,'2024-04-30','示例十二村','损害赔偿','其他部门委托移送','村调委会',2,12.31,'否','成功','2024-05-18','口头','是',NULL,'2024-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(301,'2024-05-13','示例四村','损害赔偿','主动调解','乡镇调委会',2,NULL,'否','成功','2024-06-18','书面','否',NULL,'2024-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(326,'2024-05-24','示例三村','邻里','依申请调解','村调委会',2,NULL,'否','在办',NULL,NULL,NULL,NULL,'2024-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(351,'2024-06-10','示例十一村','拖欠农民工工资','公安机关委托移送','乡镇调委会',2,NULL,'否','成功','2024-06-18','口头','是',NULL,'2024-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(376,'2024-06-18','示例八村','损害赔偿','法院委托移送','乡镇调委会',2,NULL,'否','成功','2024-07-09','书面','是',NULL,'2024-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(401,'2024-06-28','示例一村','房屋宅基地','主动调解','村调委会',2,NULL,'否','成功','2024-07-15','书面','是',NULL,'2024-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(426,'2024-07-08','示例六村','邻里','主动调解','村调委会',2,0.22,'否','成功','2024-07-16','口头','是',NULL,'2024-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(451,'2024-07-23','示例九村','邻里','依申请调解','村调委会',2,NULL,'否','成功','2024-08-17','书面','否',NULL,'2024-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(476,'2024-07-31','示例十二村','损害赔偿','依申请调解','村调委会',2,NULL,'否','成功','2024-09-04','口头','是',NULL,'2024-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(501,'2024-08-08','示例六村','拖欠农民工工资','依申请调解','乡镇调委会',2,NULL,'否','成功','2024-09-11','书面','是',NULL,'2024-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(526,'2024-08-19','示例五村','损害赔偿','法院委托移送','村调委会',2,3.17,'否','不成','2024-09-27',NULL,NULL,NULL,'2024-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(551,'2024-08-28','示例十一村','房屋宅基地','依申请调解','乡镇调委会',2,0.42,'否','成功','2024-09-04','书面','是',NULL,'2024-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(576,'2024-09-06','示例二村','征地拆迁','其他部门委托移送','村调委会',2,NULL,'否','成功','2024-10-03','书面','是',NULL,'2024-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(601,'2024-09-17','示例一村','邻里','依申请调解','村调委会',2,2.27,'否','不成','2024-09-18',NULL,NULL,NULL,'2024-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(626,'2024-09-25','示例四村','山林土地','依申请调解','村调委会',2,0.41,'否','成功','2024-10-12','口头','是',NULL,'2024-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(651,'2024-10-09','示例四村','征地拆迁','法院委托移送','村调委会',2,NULL,'否','成功','2024-11-04','书面','否',NULL,'2024-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(676,'2024-10-21','示例十二村','山林土地','信访部门委托移送','村调委会',2,NULL,'否','不成','2024-11-02',NULL,NULL,NULL,'2024-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(701,'2024-10-29','示例六村','邻里','依申请调解','乡镇调委会',2,NULL,'是','不成','2024-11-07',NULL,NULL,NULL,'2024-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(726,'2024-11-11','示例五村','损害赔偿','主动调解','村调委会',7,NULL,'否','成功','2024-12-20','书面','否',NULL,'2024-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(751,'2024-11-19','示例十村','婚姻家庭','依申请调解','乡镇调委会',2,NULL,'否','成功','2024-12-26','口头','是',NULL,'2024-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(776,'2024-12-02','示例十二村','邻里','法院委托移送','村调委会',7,NULL,'否','成功','2024-12-20','口头','否',NULL,'2025-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(801,'2024-12-12','示例十一村','邻里','公安机关委托移送','村调委会',4,NULL,'否','成功','2024-12-21','书面','否',NULL,'2025-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(826,'2024-12-23','示例六村','邻里','检察院委托移送','村调委会',2,NULL,'否','成功','2024-12-30','口头','否',NULL,'2025-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(851,'2025-01-06','示例十一村','山林土地','依申请调解','村调委会',2,0.49,'否','不成','2025-01-18',NULL,NULL,NULL,'2025-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(876,'2025-01-20','示例十二村','邻里','公安机关委托移送','村调委会',2,NULL,'否','成功','2025-02-18','书面','否',NULL,'2025-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(901,'2025-01-29','示例二村','拖欠农民工工资','信访部门委托移送','村调委会',2,0.62,'否','成功','2025-02-21','口头','否',NULL,'2025-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(926,'2025-02-10','示例五村','山林土地','依申请调解','村调委会',2,1.06,'否','成功','2025-03-11','口头','是',NULL,'2025-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(951,'2025-02-20','示例十二村','山林土地','信访部门委托移送','村调委会',2,2.91,'否','成功','2025-03-31','书面','是',NULL,'2025-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(976,'2025-03-03','示例六村','损害赔偿','依申请调解','村调委会',2,1.16,'否','成功','2025-04-06','书面','否',NULL,'2025-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1001,'2025-03-12','示例三村','合同','公安机关委托移送','村调委会',2,NULL,'否','成功','2025-03-18','书面','否',NULL,'2025-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1026,'2025-03-21','示例三村','旅游','依申请调解','乡镇调委会',2,3.28,'否','成功','2025-03-31','口头','是',NULL,'2025-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1051,'2025-04-01','示例六村','损害赔偿','依申请调解','村调委会',2,5.28,'否','成功','2025-05-02','书面','否',NULL,'2025-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1076,'2025-04-11','示例十村','邻里','主动调解','村调委会',2,2.89,'否','成功','2025-05-15','口头','是',NULL,'2025-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1101,'2025-04-22','示例九村','损害赔偿','检察院委托移送','村调委会',2,2.34,'否','成功','2025-05-17','口头','是',NULL,'2025-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1126,'2025-04-28','示例十村','邻里','主动调解','乡镇调委会',2,3.22,'否','成功','2025-05-01','口头','是',NULL,'2025-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1151,'2025-05-07','示例一村','征地拆迁','信访部门委托移送','乡镇调委会',5,NULL,'否','不成','2025-05-26',NULL,NULL,NULL,'2025-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1176,'2025-05-26','示例九村','房屋宅基地','公安机关委托移送','村调委会',7,0.1,'否','成功','2025-06-24','口头','是',NULL,'2025-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1201,'2025-06-04','示例十村','损害赔偿','信访部门委托移送','乡镇调委会',2,1.71,'否','成功','2025-07-12','口头','否',NULL,'2025-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1226,'2025-06-13','示例十一村','征地拆迁','主动调解','村调委会',6,0.47,'否','不成','2025-06-15',NULL,NULL,NULL,'2025-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1251,'2025-06-24','示例六村','生产经营','公安机关委托移送','乡镇调委会',6,NULL,'否','成功','2025-07-05','书面','否',NULL,'2025-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1276,'2025-07-08','示例七村','山林土地','公安机关委托移送','村调委会',7,0.23,'否','成功','2025-07-11','书面','是',NULL,'2025-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1301,'2025-07-18','示例六村','婚姻家庭','公安机关委托移送','乡镇调委会',2,NULL,'否','成功','2025-07-22','口头','是',NULL,'2025-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1326,'2025-07-31','示例十二村','邻里','依申请调解','村调委会',4,NULL,'否','成功','2025-09-05','书面','否',NULL,'2025-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1351,'2025-08-11','示例二村','征地拆迁','其他部门委托移送','村调委会',2,1.36,'否','成功','2025-08-26','口头','否',NULL,'2025-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1376,'2025-08-25','示例八村','损害赔偿','主动调解','村调委会',2,0.35,'否','在办',NULL,NULL,NULL,NULL,'2025-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1401,'2025-09-02','示例四村','邻里','依申请调解','村调委会',2,0.12,'否','成功','2025-09-18','口头','是',NULL,'2025-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1426,'2025-09-15','示例六村','其他消费','主动调解','村调委会',7,0.59,'否','成功','2025-09-29','书面','否',NULL,'2025-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1451,'2025-09-25','示例七村','房屋宅基地','依申请调解','乡镇调委会',2,NULL,'否','成功','2025-10-29','书面','是',NULL,'2025-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1476,'2025-10-06','示例四村','其他','主动调解','村调委会',2,NULL,'否','成功','2025-10-18','书面','否',NULL,'2025-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1501,'2025-10-14','示例三村','损害赔偿','主动调解','村调委会',2,1.56,'否','成功','2025-10-30','口头','是',NULL,'2025-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1526,'2025-10-24','示例十一村','拖欠农民工工资','依申请调解','乡镇调委会',2,NULL,'否','成功','2025-10-30','口头','否',NULL,'2025-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1551,'2025-11-06','示例九村','邻里','主动调解','村调委会',2,NULL,'否','成功','2025-11-15','口头','否',NULL,'2025-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1576,'2025-11-17','示例九村','房屋宅基地','依申请调解','村调委会',2,NULL,'否','成功','2025-12-25','口头','是',NULL,'2025-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1601,'2025-11-24','示例一村','拖欠农民工工资','依申请调解','村调委会',2,NULL,'否','成功','2025-12-05','口头','否',NULL,'2025-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1626,'2025-12-04','示例十村','邻里','依申请调解','村调委会',2,0.83,'否','成功','2025-12-14','口头','否',NULL,'2026-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1651,'2025-12-15','示例一村','邻里','信访部门委托移送','村调委会',7,NULL,'否','在办',NULL,NULL,NULL,NULL,'2026-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "disputes" VALUES(1676,'2025-12-24','示例十村','其他','主动调解','村调委会',2,NULL,'否','在办',NULL,NULL,NULL,NULL,'2026-01-01T01:00:00.000Z','示例统计员',NULL);
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
CREATE TABLE guesses (account text not null, source text not null, known integer not null, at text not null);
CREATE TABLE inspections (
                number integer primary key,
                day text not null, 
            village text not null, rounds integer not null, found integer not null, prevented integer not null,
            remark text,
                entered_at text not null,
                entered_by text not null,
                voided_at text
            );
INSERT INTO "inspections" VALUES(1,'2024-01-10','示例一村',1,4,1,NULL,'2024-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(26,'2024-02-10','示例二村',1,3,0,NULL,'2024-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(51,'2024-03-10','示例三村',1,5,1,NULL,'2024-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(76,'2024-04-10','示例四村',1,2,0,NULL,'2024-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(101,'2024-05-10','示例五村',1,4,3,NULL,'2024-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(126,'2024-06-10','示例六村',1,2,0,NULL,'2024-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(151,'2024-07-10','示例七村',1,3,2,NULL,'2024-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(176,'2024-08-10','示例八村',1,2,1,NULL,'2024-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(201,'2024-09-10','示例九村',1,1,0,NULL,'2024-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(226,'2024-10-10','示例十村',1,8,1,NULL,'2024-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(251,'2024-11-10','示例十一村',1,3,0,NULL,'2024-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(276,'2024-12-10','示例十二村',1,1,0,NULL,'2025-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(301,'2025-01-25','示例一村',1,3,1,NULL,'2025-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(326,'2025-02-25','示例二村',1,2,1,NULL,'2025-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(351,'2025-03-25','示例三村',1,2,0,NULL,'2025-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(376,'2025-04-25','示例四村',1,1,2,NULL,'2025-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(401,'2025-05-25','示例五村',1,2,0,NULL,'2025-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(426,'2025-06-25','示例六村',1,4,0,NULL,'2025-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(451,'2025-07-25','示例七村',1,4,1,NULL,'2025-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(476,'2025-08-25','示例八村',1,3,0,NULL,'2025-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(501,'2025-09-25','示例九村',1,0,0,NULL,'2025-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(526,'2025-10-25','示例十村',1,1,0,NULL,'2025-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(551,'2025-11-25','示例十一村',1,3,0,NULL,'2025-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "inspections" VALUES(576,'2025-12-25','示例十二村',1,3,1,NULL,'2026-01-01T01:00:00.000Z','示例统计员',NULL);
CREATE TABLE logins (
            token text primary key,
            person integer not null,
            opened_at text not null,
            seen_at text not null,
            browser text,
            stage text not null
        );
CREATE TABLE migrations (number integer primary key, name text not null);
INSERT INTO "migrations" VALUES(1,'m001_turns');
INSERT INTO "migrations" VALUES(2,'m002_nonces');
INSERT INTO "migrations" VALUES(3,'m003_conversations');
INSERT INTO "migrations" VALUES(4,'m004_counting');
INSERT INTO "migrations" VALUES(5,'m005_registers');
INSERT INTO "migrations" VALUES(6,'m006_security_log');
INSERT INTO "migrations" VALUES(7,'m007_doorstep');
INSERT INTO "migrations" VALUES(8,'m008_console');
INSERT INTO "migrations" VALUES(9,'m009_register_forms');
INSERT INTO "migrations" VALUES(10,'m010_misses');
INSERT INTO "migrations" VALUES(11,'m011_checklist');
INSERT INTO "migrations" VALUES(12,'m012_notices');
CREATE TABLE miss_actions (
            number integer primary key, at text not null, who text not null, what text not null, about text not null
        );
CREATE TABLE miss_turns (turn text primary key, action integer not null);
CREATE TABLE month_events (
            month text not null, at text not null, editor text not null, what text not null, reason text
        );
CREATE TABLE nonces (nonce text primary key, message text not null, seen_at text not null);
INSERT INTO "nonces" VALUES('1:16','361185130a8c5c533b8574f70491669a','2026-11-21T03:52:00.000Z');
INSERT INTO "nonces" VALUES('1:17','759a530f0e519833eeb267375d39b5f6','2026-11-21T03:59:00.000Z');
INSERT INTO "nonces" VALUES('1:18','eced6a6ad588224f53de70b30b6823ad','2026-11-21T04:06:00.000Z');
CREATE TABLE notice_pictures (
            place text primary key, picture text not null, digest text not null, at text not null, who text not null
        );
CREATE TABLE notices (
            number integer primary key,
            token text not null unique,
            kind text not null,
            about text not null,
            village text,
            version text not null,
            content text not null,
            copies integer not null,
            place text,
            printed_at text not null,
            printed_by text not null,
            posted_at text,
            posted_by text,
            down_at text,
            down_by text,
            voided_at text,
            voided_by text
        );
CREATE TABLE offline (
                number integer primary key,
                day text not null, 
            village text not null, channel text not null, category text not null, groups text, people integer not null,
            summary text, answered_by text not null, adviser text, result text not null, minutes integer,
            satisfaction integer, remark text,
                entered_at text not null,
                entered_by text not null,
                voided_at text
            );
INSERT INTO "offline" VALUES(1,'2024-12-28','示例三村','电话','土地征收与补偿','农民、妇女',1,'征地补偿款没有发到手','法律顾问','示例顾问三','已解答',45,NULL,NULL,'2025-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "offline" VALUES(2,'2025-11-24','外镇','来访','交通与人身损害','妇女',1,'被狗咬了谁负责','法律明白人',NULL,'已解答',40,3,NULL,'2025-12-01T01:00:00.000Z','示例统计员',NULL);
CREATE TABLE people (
                number integer primary key,
                day text not null, 
            name text not null, village text not null, kind text not null, chosen text, qualified text, certificate text,
            left_on text, left_because text,
                entered_at text not null,
                entered_by text not null,
                voided_at text
            );
INSERT INTO "people" VALUES(1,'2024-01-10','示例明白人2401','示例一村','“五老”人员','自荐','2024-01-10','示例2024001',NULL,NULL,'2024-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "people" VALUES(26,'2024-01-10','示例明白人2426','示例六村','村干部','自荐','2024-01-10','示例2024026',NULL,NULL,'2024-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "people" VALUES(51,'2024-01-10','示例明白人2451','示例十一村','网格员','推荐','2024-01-10','示例2024051',NULL,NULL,'2024-02-01T01:00:00.000Z','示例统计员',NULL);
CREATE TABLE publication_checks (
            number integer primary key,
            year integer not null,
            item text not null,
            done integer not null,
            who text not null,
            at text not null
        );
CREATE TABLE purges (day text primary key, started_at text not null, finished_at text);
CREATE TABLE recovery_codes (person integer not null, code text not null, primary key (person, code));
CREATE TABLE register_changes (
            register text not null,
            number integer not null,
            field text not null,
            old text,
            new text,
            editor text not null,
            at text not null,
            reason text not null
        );
CREATE TABLE register_forms (
            person integer not null,
            token text not null,
            register text not null,
            number integer not null,
            what text not null,
            at text not null,
            primary key (person, token)
        );
CREATE TABLE register_imports (
            digest text primary key, name text not null, at text not null, editor text not null, rows integer not null
        );
CREATE TABLE security_log (
            number integer primary key,
            at text not null,
            who text not null,
            what text not null,
            about text not null
        );
CREATE TABLE services (
                number integer primary key,
                day text not null, 
            served text not null, village text, adviser text not null, manner text not null, started text, ended text,
            hours double precision, kind text not null, quantity integer not null, attendance integer, content text,
            result text, evidence text, confirmed text,
                entered_at text not null,
                entered_by text not null,
                voided_at text
            );
INSERT INTO "services" VALUES(1,'2024-01-04','村（社区）','示例一村','示例顾问一','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(26,'2024-01-18','村（社区）','示例十村','示例顾问十','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(51,'2024-02-19','村（社区）','示例七村','示例顾问七','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(76,'2024-03-04','村（社区）','示例八村','示例顾问八','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(101,'2024-03-28','镇政府',NULL,'示例政府法律顾问','线上',NULL,NULL,NULL,'现场解答',1,NULL,NULL,NULL,NULL,NULL,'2024-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(126,'2024-04-18','村（社区）','示例九村','示例顾问九','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(151,'2024-05-20','村（社区）','示例五村','示例顾问五','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(176,'2024-06-04','村（社区）','示例五村','示例顾问五','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(201,'2024-06-18','村（社区）','示例十二村','示例顾问十二','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(226,'2024-07-18','村（社区）','示例八村','示例顾问八','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(251,'2024-08-12','村（社区）','示例十村','示例顾问十','线上',NULL,NULL,1.0,'参与调解',1,NULL,NULL,NULL,NULL,NULL,'2024-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(276,'2024-09-03','镇政府',NULL,'示例政府法律顾问','线上',NULL,NULL,NULL,'合同审查',1,NULL,NULL,NULL,NULL,NULL,'2024-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(301,'2024-09-18','村（社区）','示例十村','示例顾问十','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(326,'2024-10-18','村（社区）','示例四村','示例顾问四','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2024-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(351,'2024-11-13','村（社区）','示例七村','示例顾问七','到村',NULL,NULL,1.0,'法律意见书',1,NULL,NULL,NULL,NULL,NULL,'2024-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(376,'2024-11-26','镇政府',NULL,'示例政府法律顾问','线上',NULL,NULL,NULL,'合同审查',2,NULL,NULL,NULL,NULL,NULL,'2024-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(401,'2024-12-18','村（社区）','示例七村','示例顾问七','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(426,'2025-01-13','镇政府',NULL,'示例政府法律顾问','线上',NULL,NULL,NULL,'合同审查',1,NULL,NULL,NULL,NULL,NULL,'2025-02-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(451,'2025-02-04','村（社区）','示例七村','示例顾问七','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(476,'2025-02-24','村（社区）','示例一村','示例顾问一','到村',NULL,NULL,1.5,'法治讲座',1,57,'防范电信网络诈骗',NULL,NULL,'是','2025-03-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(501,'2025-03-04','村（社区）','示例十二村','示例顾问十二','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(526,'2025-04-04','村（社区）','示例四村','示例顾问四','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-05-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(551,'2025-05-05','村（社区）','示例一村','示例顾问一','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(576,'2025-05-19','村（社区）','示例十一村','示例顾问十一','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-06-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(601,'2025-06-04','村（社区）','示例十村','示例顾问十','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(626,'2025-07-04','村（社区）','示例一村','示例顾问一','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(651,'2025-07-18','村（社区）','示例十二村','示例顾问十二','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-08-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(676,'2025-08-18','村（社区）','示例十二村','示例顾问十二','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-09-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(701,'2025-09-08','村（社区）','示例二村','示例顾问二','电话',NULL,NULL,1.0,'参与调解',1,NULL,NULL,NULL,NULL,NULL,'2025-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(726,'2025-10-06','村（社区）','示例四村','示例顾问四','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(751,'2025-10-20','村（社区）','示例十二村','示例顾问十二','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-11-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(776,'2025-11-18','村（社区）','示例七村','示例顾问七','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2025-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(801,'2025-12-04','村（社区）','示例七村','示例顾问七','到村','08:30','13:00',4.5,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2026-01-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "services" VALUES(826,'2025-12-18','村（社区）','示例十村','示例顾问十','到村','08:30','12:30',4.0,'坐班值班',1,NULL,'示例：在村委会坐班，解答来访',NULL,'示例：签到表','是','2026-01-01T01:00:00.000Z','示例统计员',NULL);
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
CREATE TABLE trainings (
                number integer primary key,
                day text not null, 
            topic text not null, hours double precision, attendance integer not null, everybody text not null,
            organiser text,
                entered_at text not null,
                entered_by text not null,
                voided_at text
            );
INSERT INTO "trainings" VALUES(1,'2024-03-15','调解的方法',4.0,63,'是','示例镇司法所','2024-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "trainings" VALUES(2,'2024-06-17','土地承包的法律',4.0,61,'是','示例镇司法所','2024-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "trainings" VALUES(3,'2024-09-16','婚姻家庭的法律',4.0,64,'是','示例镇司法所','2024-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "trainings" VALUES(4,'2024-11-15','反诈和网络安全',4.0,61,'是','示例镇司法所','2024-12-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "trainings" VALUES(5,'2025-03-17','调解的方法',4.0,63,'是','示例镇司法所','2025-04-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "trainings" VALUES(6,'2025-06-16','土地承包的法律',4.0,61,'是','示例镇司法所','2025-07-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "trainings" VALUES(7,'2025-09-15','婚姻家庭的法律',4.0,64,'是','示例镇司法所','2025-10-01T01:00:00.000Z','示例统计员',NULL);
INSERT INTO "trainings" VALUES(8,'2025-11-17','反诈和网络安全',4.0,61,'是','示例镇司法所','2025-12-01T01:00:00.000Z','示例统计员',NULL);
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
        , village text, answered_by text not null default '机器人', adviser integer, verdict text, remark text, topic text, superseded integer not null default 0, retries integer not null default 0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000001','2024-02-05T06:42:45.037Z','2024-02-05','公众号文字','f316130531e617c04597e00f4ddec847','text','没有借条怎么要钱','answer','loan-not-repaid','sample','借贷与担保',0.791,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',6.1,'示例七村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000002','2024-03-19T12:31:31.074Z','2024-03-19','公众号文字','a972cd3fa02fd44f487078de451f5f6c','text','没有借条怎么要钱','answer','loan-no-iou','sample','借贷与担保',0.842,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',6.2,NULL,'机器人',NULL,'helped',NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000003','2024-03-19T12:32:16.111Z','2024-03-19','公众号文字','a972cd3fa02fd44f487078de451f5f6c','text','有用','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',6.3,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000004','2024-04-25T14:34:35.148Z','2024-04-25','公众号文字','cd18ec08f6a4e724d26facd2aeb0daf2','text','打架派出所怎么处理','answer','economic-fake-crime','sample','治安与刑事',0.621,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',6.4,'示例五村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000005','2024-04-29T05:14:35.185Z','2024-04-29','公众号文字','0035c5bf742a2ff6de23941764d58bb9','text','给人担保要不要还钱','answer','partnership-dispute','sample','借贷与担保',0.916,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',6.5,NULL,'机器人',NULL,'helped',NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000006','2024-04-29T05:15:20.222Z','2024-04-29','公众号文字','0035c5bf742a2ff6de23941764d58bb9','text','有用','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',6.6,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000007','2024-08-14T02:59:21.259Z','2024-08-14','网页','ffe42279f3bd068366a852c1bb9651f3','text','想离婚对方不同意','choose',NULL,NULL,NULL,0.383,'["divorce-pregnancy-military", "child-support-unpaid", "divorce-other-refuses"]',NULL,'{"text": "您想问的是不是：", "options": [], "tail": ""}',6.7,'示例五村','机器人',NULL,NULL,NULL,NULL,1,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000008','2024-08-14T02:59:46.296Z','2024-08-14','网页','ffe42279f3bd068366a852c1bb9651f3','text','1','answer','divorce-pregnancy-military','sample','离婚与子女抚养',NULL,NULL,'sample-2024-00000000000000000007','{"text": "示例答复：请看条目。", "options": [], "tail": ""}',6.8,'示例五村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000009','2024-08-15T00:59:44.333Z','2024-08-15','公众号文字','76fc8c7fc779357c4da6ef1dd79711fb','text','买的种子不发芽找谁赔','choose',NULL,NULL,NULL,0.382,'["new-house-purchase", "lease-dispute", "service-prepaid-refund"]',NULL,'{"text": "您想问的是不是：", "options": [], "tail": ""}',6.9,'示例十二村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000010','2024-10-16T00:58:36.370Z','2024-10-16','公众号文字','d6d0e35ccac8ed9cb38cd5c5ba05d4ea','text','在吗','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',7.0,'示例十一村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000011','2024-10-16T00:59:16.407Z','2024-10-16','公众号文字','d6d0e35ccac8ed9cb38cd5c5ba05d4ea','text','老人买了很贵的保健品','answer','minor-crime','sample','未成年人妇女老人权益',0.752,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',7.1,'示例十一村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000012','2024-12-07T09:30:47.444Z','2024-12-07','公众号文字','d6d0e35ccac8ed9cb38cd5c5ba05d4ea','text','在吗','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',7.2,'示例十一村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000013','2024-12-07T09:31:27.481Z','2024-12-07','公众号文字','d6d0e35ccac8ed9cb38cd5c5ba05d4ea','text','不服罚款怎么办','answer','id-passport','sample','行政与办事',0.915,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',7.3,'示例十一村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2024-00000000000000000014','2024-12-29T09:24:19.518Z','2024-12-29','公众号文字','0035c5bf742a2ff6de23941764d58bb9','text','上班受伤算不算工伤','answer','over-age-worker','sample','劳动与工资',0.914,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',7.4,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000001','2025-01-02T11:17:00.037Z','2025-01-02','公众号文字','246dee453351e4d3ca3aca414c46c168','text','在吗','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',6.1,'示例三村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000002','2025-01-02T11:17:40.074Z','2025-01-02','公众号文字','246dee453351e4d3ca3aca414c46c168','text','户口怎么迁','answer','document-genuine','sample','行政与办事',0.747,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',6.2,'示例三村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000003','2025-03-13T03:09:23.111Z','2025-03-13','公众号文字','cd18ec08f6a4e724d26facd2aeb0daf2','text','没有借条怎么要钱','miss',NULL,NULL,NULL,0.128,NULL,NULL,'{"text": "这个问题暂时没有答上。", "options": [], "tail": ""}',6.3,'示例五村','机器人',NULL,NULL,NULL,'loan-no-iou',0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000004','2025-03-18T13:13:30.148Z','2025-03-18','公众号文字','353297dd2e3ce6c0a49c7fd69ac2c389','text','集市的摊位被人占了','miss',NULL,NULL,NULL,0.005,NULL,NULL,'{"text": "这个问题暂时没有答上。", "options": [], "tail": ""}',6.4,'示例一村','机器人',NULL,NULL,NULL,'集市摊位',0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000005','2025-06-13T14:33:01.185Z','2025-06-13','网页','ffe42279f3bd068366a852c1bb9651f3','text','你好','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',6.5,'示例五村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000006','2025-06-13T14:33:41.222Z','2025-06-13','网页','ffe42279f3bd068366a852c1bb9651f3','text','上班受伤算不算工伤','answer','resignation','sample','劳动与工资',0.904,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',6.6,'示例五村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000007','2025-06-30T00:45:14.259Z','2025-06-30','代问','0002fe0c7f91294200114289687d2a26','text','接到说是公安的电话是不是诈骗','answer','scam-report','sample','诈骗与网络安全',0.656,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',6.7,'示例十村','机器人',21,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000008','2025-07-11T07:45:01.296Z','2025-07-11','公众号文字','0aa10b4bdcd78d8ab947c8ec8957e246','text','承包地被邻居占了一垄','answer','contract-land-inheritance','sample','承包地与集体资产',0.626,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',6.8,'示例三村','机器人',NULL,'helped',NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000009','2025-07-11T07:45:46.333Z','2025-07-11','公众号文字','0aa10b4bdcd78d8ab947c8ec8957e246','text','有用','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',6.9,'示例三村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000010','2025-07-27T12:39:14.370Z','2025-07-27','公众号文字','76fc8c7fc779357c4da6ef1dd79711fb','text','自己写的遗嘱算不算数','answer','grandchild-nephew-inheritance','sample','继承与赡养',0.889,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',7.0,'示例十二村','机器人',NULL,'helped',NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000011','2025-07-27T12:39:59.407Z','2025-07-27','公众号文字','76fc8c7fc779357c4da6ef1dd79711fb','text','有用','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',7.1,'示例十二村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000012','2025-09-24T09:07:25.444Z','2025-09-24','代问','0018d5610bbf593600026749e35b3401','text','门口的路被人堵了','answer','neighbor-noise','sample','邻里与物权',0.899,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',7.2,'示例一村','机器人',3,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000013','2025-09-24T08:16:06.481Z','2025-09-24','公众号文字','0035c5bf742a2ff6de23941764d58bb9','text','谢谢','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',7.3,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000014','2025-09-27T02:50:49.518Z','2025-09-27','公众号文字','cd18ec08f6a4e724d26facd2aeb0daf2','text','没签劳动合同能要双倍工资吗','answer','unemployment-housing-fund','sample','劳动与工资',0.787,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',7.4,'示例五村','机器人',NULL,'helped',NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000015','2025-09-27T02:51:34.555Z','2025-09-27','公众号文字','cd18ec08f6a4e724d26facd2aeb0daf2','text','有用','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，请直接打出您的问题。", "options": [], "tail": ""}',7.5,'示例五村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000016','2025-10-13T01:43:55.592Z','2025-10-13','网页','ffe42279f3bd068366a852c1bb9651f3','text','离婚以后孩子归谁','answer','child-support-amount','sample','离婚与子女抚养',0.733,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',7.6,'示例五村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('sample-2025-00000000000000000017','2025-12-18T12:31:11.629Z','2025-12-18','网页','2e59ce6b21121d84d8fcff4a685ea91d','text','老宅子能不能翻建','answer','ancestral-house-hall','sample','宅基地与建房',0.632,NULL,NULL,'{"text": "示例答复：请看条目。", "options": [], "tail": ""}',7.7,'示例二村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('bb8401fec0c8718356ef48a1a83da894','2026-11-20T02:07:00.000Z','2026-11-20','公众号文字','0aecef6992949a175c3008961c8dc1f6','subscribe',NULL,'event',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "您好，这里是镇里的普法问答。\n有法律上的难事，用平常说话的样子打字发来就行，比如：\n老板欠我工钱\n邻居占了我家的地\n征地补偿怎么算\n\n答案由人事先写好，机器人只帮您找出来。\n回「目录」慢慢看，回「帮助」看怎么用，回 00 找人问。\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [], "tail": ""}',0.542,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('43799a5236cf963822b5cf1c7ec6e99e','2026-11-20T02:14:00.000Z','2026-11-20','公众号文字','0aecef6992949a175c3008961c8dc1f6','text','老板不给工资','answer','wage','92661a911f5f','劳动与工资',1.0,NULL,NULL,'{"text": "您问的是：老板拖欠工资怎么要？不是请回 0。\n\n可以去劳动监察投诉。\n\n【依据】《劳动法》第五十条", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',3.15,NULL,'机器人',NULL,'helped',NULL,NULL,0,0);
INSERT INTO "turns" VALUES('cd9799d5621996968b74167e7b4ca4ed','2026-11-20T02:21:00.000Z','2026-11-20','公众号文字','0aecef6992949a175c3008961c8dc1f6','text','有用','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "谢谢告诉我们。还有别的事，随时发来。", "options": [], "tail": ""}',0.342,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('46d5249d697059a4045ba09146c62497','2026-11-20T02:28:00.000Z','2026-11-20','公众号文字','ad81962131abd4b4dc1a716dbf80e833','text','想离婚他不签字，电话[手机号]','answer','divorce','b6da8fff6dca','婚姻',1.0,NULL,NULL,'{"text": "您问的是：对方不同意离婚怎么办？不是请回 0。\n\n可以向法院起诉。\n\n【依据】《劳动法》第五十条\n\n（提醒：不用发电话、证件号、银行卡号，刚才的号码已经遮掉，没有存。）\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',1.494,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('590bb85169645f4473fa59b0ecf9de86','2026-11-20T02:35:00.000Z','2026-11-20','公众号文字','ad81962131abd4b4dc1a716dbf80e833','text','老公不肯离婚，老板不给工资，悔婚彩礼','choose',NULL,NULL,NULL,0.5005,'["wage", "divorce", "bride-price"]',NULL,'{"text": "您想问的是哪一个？回前面的数字就能看答案：", "options": [{"label": "老板拖欠工资怎么要？", "send": "老板拖欠工资怎么要？", "number": ""}, {"label": "对方不同意离婚怎么办？", "send": "对方不同意离婚怎么办？", "number": ""}, {"label": "退婚彩礼能要回来吗？", "send": "退婚彩礼能要回来吗？", "number": ""}, {"label": "都不是", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": ""}',1.353,NULL,'机器人',NULL,NULL,NULL,NULL,1,0);
INSERT INTO "turns" VALUES('c7744dbf853578ce81a0a441eb4ba1b7','2026-11-20T02:42:00.000Z','2026-11-20','公众号文字','ad81962131abd4b4dc1a716dbf80e833','text','1','answer','wage','92661a911f5f','劳动与工资',NULL,NULL,'590bb85169645f4473fa59b0ecf9de86','{"text": "您问的是：老板拖欠工资怎么要？不是请回 0。\n\n可以去劳动监察投诉。\n\n【依据】《劳动法》第五十条", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',0.286,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('6d9547a30558425dd927e0dc25990c45','2026-11-20T02:49:00.000Z','2026-11-20','网页','ea4b333a20d91357b94cbba4fbec23d5','text','女方悔婚彩礼','answer','bride-price','20dde7b6f30c','婚姻',1.0,NULL,NULL,'{"text": "您问的是：退婚彩礼能要回来吗？不是请回 0。\n\n一般可以要求返还。\n\n【依据】《劳动法》第五十条\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',1.44,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('5a0104ad69e7f56f93d9bdd97e06a2f7','2026-11-21T02:56:00.000Z','2026-11-21','公众号文字','0aecef6992949a175c3008961c8dc1f6','text','欠我三个月工钱','answer','wage','92661a911f5f','劳动与工资',1.0,NULL,NULL,'{"text": "您问的是：老板拖欠工资怎么要？不是请回 0。\n\n可以去劳动监察投诉。\n\n【依据】《劳动法》第五十条", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',1.41,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('435dd6cb9ca58f3527508ec74bdb2ef4','2026-11-21T03:03:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','示例一村','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "记下了，您是示例一村的。您村的法律顾问：示例顾问一，电话 0000-0000101（示例），值班每月第一个周三 9:00–17:00 在村委会（示例），下次是12月2日。\n不对的话，发「我的村」改。\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [], "tail": ""}',0.774,'示例一村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('da8569881eff9ca14b08fbd5d57aa801','2026-11-21T03:10:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','没结婚彩礼要退吗','answer','bride-price','20dde7b6f30c','婚姻',1.0,NULL,NULL,'{"text": "您问的是：退婚彩礼能要回来吗？不是请回 0。\n\n一般可以要求返还。\n\n【依据】《劳动法》第五十条", "options": [{"label": "有用", "send": "有用", "number": ""}, {"label": "没用", "send": "没用", "number": ""}, {"label": "不是这个问题", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": "——\n本条待律师审核，2026年11月23日更新。以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。想找人问，回 00。"}',1.386,'示例一村','机器人',NULL,'useless',NULL,NULL,0,0);
INSERT INTO "turns" VALUES('4d30d72f5ed5bc716d02e91c99351ced','2026-11-21T03:17:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','没用','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "对不住，没帮上忙。已转给人来答复，编号001；编号只有您本人能查。\n最晚11月22日11:17前答复。到时候发「001」，或者随便发一句话，就能看到。\n急的话直接打电话：\n您村的法律顾问：示例顾问一，电话 0000-0000101（示例），值班每月第一个周三 9:00–17:00 在村委会（示例），下次是12月2日。\n示例镇司法所：电话 0000-0000001（示例），周一至周五 8:30–12:00、14:30–17:30（示例）（节假日除外）。现在下班了，上班时间再打。\n12348，不收钱，有客家话座席。\n哪里没用，可以发「没用」加一句话告诉我们，比如：没用 看不懂", "options": [], "tail": ""}',0.618,'示例一村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('a94e6fbdfb7ff1fbdb7815007377adb0','2026-11-21T03:24:00.000Z','2026-11-21','公众号文字','0a30f550e397ab184a63b890cfb2a301','text','人工','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "已转给人来答复，编号001；编号只有您本人能查。\n最晚11月22日11:17前答复。到时候发「001」，或者随便发一句话，就能看到。\n急的话直接打电话：\n您村的法律顾问：示例顾问一，电话 0000-0000101（示例），值班每月第一个周三 9:00–17:00 在村委会（示例），下次是12月2日。\n示例镇司法所：电话 0000-0000001（示例），周一至周五 8:30–12:00、14:30–17:30（示例）（节假日除外）。现在下班了，上班时间再打。\n12348，不收钱，有客家话座席。", "options": [], "tail": ""}',0.336,'示例一村','机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('d2e8a70d67a3eb88b30efe0662660aa8','2026-11-21T03:31:00.000Z','2026-11-21','公众号文字','cc5be5a25bff607750511b3169142040','text','今天天气怎么样','command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "我是镇里的普法机器人，只会找法律上的答案。您遇到什么事，打几个字发来，比如「邻居占了我家的地」；找人问回 00。\n\n【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。", "options": [], "tail": ""}',0.215,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('cd73658773ff1b4eac8ab0dd35892c72','2026-11-21T03:38:00.000Z','2026-11-21','公众号文字','5457f37d8b5050e80c062f0f77e7323d','text',NULL,'answer','wage','92661a911f5f','劳动与工资',1.0,NULL,NULL,'{"text": "", "options": [], "tail": ""}',1.301,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('67d8b249b079c6792f502a627b576e14','2026-11-21T03:45:00.000Z','2026-11-21','公众号文字','ebce4fc5e92183a819e09f487c8325c0','text',NULL,'command',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "已经删掉了：您的问题、编号、村子都不在了，只留下没法认出您的数字。以后再发消息，会重新告诉您怎么记录。", "options": [], "tail": ""}',0.41,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('361185130a8c5c533b8574f70491669a','2026-11-21T03:52:00.000Z','2026-11-21','公众号文字','c9d985158b11c20eef7ab9a3cc025e07','text',NULL,'answer','divorce','b6da8fff6dca','婚姻',1.0,NULL,NULL,'{"text": "", "options": [], "tail": ""}',1.371,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('759a530f0e519833eeb267375d39b5f6','2026-11-21T03:59:00.000Z','2026-11-21','公众号文字','c9d985158b11c20eef7ab9a3cc025e07','unsubscribe',NULL,'event',NULL,NULL,NULL,NULL,NULL,NULL,'{"text": "", "options": [], "tail": ""}',0.272,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
INSERT INTO "turns" VALUES('eced6a6ad588224f53de70b30b6823ad','2026-11-21T04:06:00.000Z','2026-11-21','公众号文字','2625dcc45a229b95cddc462c94a4ce02','text','老公不肯离婚，老板不给工资，悔婚彩礼','choose',NULL,NULL,NULL,0.5005,'["wage", "divorce", "bride-price"]',NULL,'{"text": "【告知】示例镇人民政府办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。回「删除我的记录」马上删，回「隐私」看全文。\n\n您想问的是哪一个？回前面的数字就能看答案：", "options": [{"label": "老板拖欠工资怎么要？", "send": "老板拖欠工资怎么要？", "number": ""}, {"label": "对方不同意离婚怎么办？", "send": "对方不同意离婚怎么办？", "number": ""}, {"label": "退婚彩礼能要回来吗？", "send": "退婚彩礼能要回来吗？", "number": ""}, {"label": "都不是", "send": "0", "number": "0"}, {"label": "找人问", "send": "00", "number": "00"}], "tail": ""}',1.373,NULL,'机器人',NULL,NULL,NULL,NULL,0,0);
CREATE TABLE users (
            number integer primary key,
            name text not null unique,
            shown text not null,
            role text not null,
            village text,
            adviser integer,
            password text not null,
            must_change integer not null,
            password_until text,
            secret text,
            step integer,
            created_at text not null,
            disabled_at text
        );
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
CREATE INDEX turns_by_villager on turns (villager, received_at);
CREATE INDEX turns_by_follows on turns (follows);
CREATE INDEX nonces_by_age on nonces (seen_at);
CREATE INDEX tickets_by_villager on tickets (villager);
CREATE INDEX tickets_open on tickets (closed_at, due_at);
CREATE INDEX ticket_events_by_ticket on ticket_events (ticket);
CREATE INDEX turns_counted on turns
        (day, decision, villager, category, channel, village, answered_by, kind, adviser, verdict, superseded, topic,
        retries);
CREATE INDEX offline_by_day on offline (day);
CREATE INDEX services_by_day on services (day);
CREATE INDEX people_by_day on people (day);
CREATE INDEX trainings_by_day on trainings (day);
CREATE INDEX activities_by_day on activities (day);
CREATE INDEX disputes_by_day on disputes (day);
CREATE INDEX inspections_by_day on inspections (day);
CREATE INDEX register_changes_by_row on register_changes (register, number);
CREATE INDEX security_log_by_time on security_log (at);
CREATE INDEX logins_by_person on logins (person);
CREATE INDEX guesses_by_account on guesses (account, at);
CREATE INDEX register_forms_by_row on register_forms (register, number);
CREATE INDEX miss_turns_by_action on miss_turns (action);
CREATE INDEX publication_checks_by_year on publication_checks (year);
CREATE INDEX notices_by_about on notices (kind, about);
COMMIT;
