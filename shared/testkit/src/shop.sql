CREATE TABLE customers (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(120) NOT NULL,
  name VARCHAR(80) NOT NULL,
  country CHAR(2) NOT NULL,
  created_at DATETIME NOT NULL,
  UNIQUE KEY customers_email (email)
) ENGINE=InnoDB;
CREATE TABLE products (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  sku VARCHAR(24) NOT NULL,
  name VARCHAR(80) NOT NULL,
  category VARCHAR(24) NOT NULL,
  price_cents INT UNSIGNED NOT NULL,
  UNIQUE KEY products_sku (sku),
  KEY products_category (category)
) ENGINE=InnoDB;
CREATE TABLE inventory (
  product_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  warehouse VARCHAR(16) NOT NULL,
  quantity INT NOT NULL,
  reserved INT NOT NULL DEFAULT 0
) ENGINE=InnoDB;
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id BIGINT UNSIGNED NOT NULL,
  status VARCHAR(16) NOT NULL,
  total_cents INT UNSIGNED NOT NULL,
  created_at DATETIME NOT NULL,
  KEY orders_customer (customer_id),
  KEY orders_status_created (status, created_at)
) ENGINE=InnoDB;
CREATE TABLE order_items (
  order_id BIGINT UNSIGNED NOT NULL,
  line INT UNSIGNED NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  quantity INT UNSIGNED NOT NULL,
  price_cents INT UNSIGNED NOT NULL,
  PRIMARY KEY (order_id, line),
  KEY order_items_product (product_id)
) ENGINE=InnoDB;
CREATE TABLE accounts (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id BIGINT UNSIGNED NOT NULL,
  balance_cents BIGINT NOT NULL,
  version INT UNSIGNED NOT NULL DEFAULT 0,
  KEY accounts_customer (customer_id)
) ENGINE=InnoDB;
CREATE TABLE archive (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  order_id BIGINT UNSIGNED NOT NULL,
  body TEXT NOT NULL,
  archived_at DATETIME NOT NULL
) ENGINE=InnoDB;
