"""One workflow per request for records: from the day it is written down to the payer's answer."""
