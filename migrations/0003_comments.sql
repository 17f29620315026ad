-- Description: what people say on an issue
-- migrate:up
CREATE TABLE comments (
    id         integer   NOT NULL PRIMARY KEY,
    issue_id   integer   NOT NULL,
    author_id  integer   NOT NULL,
    body       text      NOT NULL,
    written_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (issue_id) REFERENCES issues (id) ON DELETE CASCADE,
    FOREIGN KEY (author_id) REFERENCES people (id)
);

-- migrate:down
DROP TABLE comments;
