SELECT newest.id, newest.program
  FROM (SELECT PROCESSLIST_ID AS id, ATTR_VALUE AS program
          FROM performance_schema.session_connect_attrs
         WHERE ATTR_NAME = 'program_name'
         ORDER BY PROCESSLIST_ID DESC
         LIMIT 2000) AS newest
 LIMIT 2001
