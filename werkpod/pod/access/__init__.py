"""Who may do what: the words (`model`), Web Access Control (`wac`), the decision (`decide`), the lens (`lens`)."""
