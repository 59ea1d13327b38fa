-- A small shop: faker-neural seed fills it, see the README.
CREATE TABLE categories (
    id INTEGER PRIMARY KEY,
    name VARCHAR(40) NOT NULL UNIQUE
);
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    name VARCHAR(50) NOT NULL,
    brand VARCHAR(40) NOT NULL,
    price NUMERIC(8, 2) NOT NULL CHECK (price > 0),
    category_id INTEGER NOT NULL REFERENCES categories (id)
);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name VARCHAR(60) NOT NULL,
    email VARCHAR(80) NOT NULL UNIQUE,
    invited_by INTEGER REFERENCES customers (id)
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    status VARCHAR(10) NOT NULL CHECK (status IN ('new', 'paid', 'sent')),
    ordered_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE order_items (
    order_id INTEGER REFERENCES orders (id),
    product_id INTEGER REFERENCES products (id),
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 20),
    PRIMARY KEY (order_id, product_id)
);
