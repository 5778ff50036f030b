"""What has changed: the feed of events that others follow."""
