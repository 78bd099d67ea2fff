SELECT LOWER(VARIABLE_NAME) AS variable_name, VARIABLE_SOURCE AS variable_source, VARIABLE_PATH AS variable_path,
       CAST(SET_TIME AS CHAR) AS set_time, SET_USER AS set_user, SET_HOST AS set_host
  FROM performance_schema.variables_info
 WHERE VARIABLE_SOURCE <> 'COMPILED'
   AND VARIABLE_NAME NOT REGEXP 'password|passphrase|_pwd|secret|sst_auth|access_key|token|credential|keyring|http_proxy|headers|^(init_connect|init_slave|init_replica|wsrep_provider_options|authentication_policy)$'
 LIMIT 1001
