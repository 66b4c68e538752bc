-- Ten thousand rejections for one cause read as one line: the groups are counted along this index alone, from group to
-- group, however large the mailbox is.
CREATE INDEX mailbox_by_group ON mailbox (connector, fingerprint, severity);
