-- Description: labels, and the ones that every new installation starts with
-- migrate:up
CREATE TABLE labels (
    id     integer     NOT NULL PRIMARY KEY,
    name   varchar(60) NOT NULL UNIQUE,
    colour char(7)     NOT NULL
);

CREATE TABLE issue_labels (
    issue_id integer NOT NULL,
    label_id integer NOT NULL,
    PRIMARY KEY (issue_id, label_id),
    FOREIGN KEY (issue_id) REFERENCES issues (id) ON DELETE CASCADE,
    FOREIGN KEY (label_id) REFERENCES labels (id)
);

INSERT INTO labels (id, name, colour) VALUES
    (1, 'bug', '#d73a4a'),
    (2, 'feature', '#a2eeef'),
    (3, 'question; needs an answer', '#d876e3'),
    (4, 'won''t do', '#ffffff');

-- Each query of a verify section has to be true, or the migration is undone.
-- migrate:verify
SELECT count(*) = 4 FROM labels;
SELECT count(*) = 0 FROM labels WHERE colour NOT LIKE '#%';

-- migrate:down
DROP TABLE issue_labels;
DROP TABLE labels;
