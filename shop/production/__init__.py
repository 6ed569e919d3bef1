"""The kitchen: tasks of cakes at stations, boards, notices to acknowledge, and warnings."""
