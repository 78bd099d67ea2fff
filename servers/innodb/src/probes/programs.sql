SELECT PROCESSLIST_ID AS id, ATTR_VALUE AS program
  FROM performance_schema.session_connect_attrs
 WHERE ATTR_NAME = 'program_name'
 LIMIT 5001
