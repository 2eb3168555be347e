"""The report for stakeholders: what was asked, found, edited and doubted, as one page to print or to send."""
