DELETE FROM issue_labels WHERE issue_id IN (1, 2);
DELETE FROM comments WHERE issue_id IN (1, 2);
DELETE FROM issues WHERE project_id = 1;
DELETE FROM projects WHERE id = 1;
DELETE FROM people WHERE id IN (1, 2);
