//! Real servers for tests: mysqld, mariadbd, labelled traffic, and incidents as code.
