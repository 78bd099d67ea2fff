SELECT LOWER(VARIABLE_NAME) AS variable_name, GLOBAL_VALUE_ORIGIN AS origin, DEFAULT_VALUE AS default_value,
       GLOBAL_VALUE_PATH AS path
  FROM information_schema.SYSTEM_VARIABLES
 WHERE VARIABLE_SCOPE <> 'SESSION ONLY'
   AND VARIABLE_NAME NOT REGEXP 'password|passphrase|_pwd|secret|sst_auth|access_key|token|credential|keyring|http_proxy|headers|^(init_connect|init_slave|init_replica|wsrep_provider_options|authentication_policy)$'
 LIMIT 1501
