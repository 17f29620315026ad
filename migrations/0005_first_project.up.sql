-- Description: a project to begin with, so that the first visit is not an empty page
INSERT INTO people (id, email, full_name) VALUES
    (1, 'ada@example.org', 'Ada Okafor'),
    (2, 'jo@example.org', 'Jo Lindqvist');

INSERT INTO projects (id, slug, title, lead_id) VALUES (1, 'welcome', 'Getting started', 1);

INSERT INTO issues (id, project_id, number, title, body, state, reporter_id, assignee_id) VALUES
    (1, 1, 1, 'Invite your team', 'Everybody who can read mail can join.', 'open', 1, 2),
    (2, 1, 2, 'Read the tour', 'It takes five minutes; skip it if you know trackers.', 'done', 1, 1);

INSERT INTO comments (id, issue_id, author_id, body) VALUES (1, 1, 2, 'On it -- by Friday.');
INSERT INTO issue_labels (issue_id, label_id) VALUES (1, 2);
