SELECT LOWER(VARIABLE_NAME) AS variable_name, VARIABLE_VALUE AS value
  FROM performance_schema.persisted_variables
 WHERE VARIABLE_NAME NOT REGEXP 'password|passphrase|_pwd|secret|sst_auth|access_key|token|credential|keyring|http_proxy|headers|^(init_connect|init_slave|init_replica|wsrep_provider_options|authentication_policy)$'
 LIMIT 1001
