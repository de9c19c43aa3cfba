# Peer: one array of v3.1 payloads to Interactions.  jq -c -L peers -f peers/convert_array.jq FILE.json
include "interaction";
.[] | interaction
