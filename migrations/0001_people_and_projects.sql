-- Description: who works here, and on what
-- migrate:up
CREATE TABLE people (
    id         integer      NOT NULL PRIMARY KEY,
    email      varchar(200) NOT NULL UNIQUE,
    full_name  varchar(200) NOT NULL,
    created_at timestamp    NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE projects (
    id      integer      NOT NULL PRIMARY KEY,
    slug    varchar(60)  NOT NULL UNIQUE,
    title   varchar(200) NOT NULL,
    lead_id integer      NOT NULL,
    FOREIGN KEY (lead_id) REFERENCES people (id)
);

-- migrate:down
DROP TABLE projects;
DROP TABLE people;
