-- Description: the list on the front page; runs again whenever this file changes
-- migrate:up
DROP VIEW IF EXISTS open_issues;
CREATE VIEW open_issues AS
SELECT p.slug AS project, i.number, i.title, i.state, a.full_name AS assignee
FROM issues i
JOIN projects p ON p.id = i.project_id
LEFT JOIN people a ON a.id = i.assignee_id
WHERE i.state IN ('open', 'in progress');

-- migrate:down
DROP VIEW IF EXISTS open_issues;
