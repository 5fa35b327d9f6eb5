#!/bin/sh
# 建机器人自己的用户和库，第一次起数据库时运行一次。它不是超级用户：连接用满时，管理员还连得上。
set -eu
psql -v ON_ERROR_STOP=1 -U postgres -d postgres -v password="$DATABASE_PASSWORD" <<'SQL'
create role bot login password :'password';
create database bot owner bot encoding 'UTF8' template template0;
SQL
