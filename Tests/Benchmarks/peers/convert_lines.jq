# Peer: one v3.1 payload after the other to Interactions.  jq -c -L peers -f peers/convert_lines.jq FILE.ndjson
include "interaction";
interaction
