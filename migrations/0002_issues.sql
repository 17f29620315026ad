-- Description: issues, with the states that they go through
-- migrate:up
CREATE TABLE issues (
    id          integer      NOT NULL PRIMARY KEY,
    project_id  integer      NOT NULL,
    number      integer      NOT NULL, -- counts from 1 in each project; people say "web#12"
    title       varchar(300) NOT NULL,
    body        text,
    state       varchar(20)  NOT NULL DEFAULT 'open',
    reporter_id integer      NOT NULL,
    assignee_id integer,
    opened_at   timestamp    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (project_id, number),
    CHECK (state IN ('open', 'in progress', 'done', 'won''t do')),
    FOREIGN KEY (project_id) REFERENCES projects (id),
    FOREIGN KEY (reporter_id) REFERENCES people (id),
    FOREIGN KEY (assignee_id) REFERENCES people (id)
);

CREATE INDEX issues_by_state ON issues (project_id, state);

-- migrate:down
DROP TABLE issues;
