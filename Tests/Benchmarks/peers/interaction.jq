# What both jq peers share: one v3.1 payload to one Interaction, for the fields that generate.py writes.

# Absent keys stay absent.
def present: with_entries(select(.value != null));

def participants:
  reduce .[] as $message ({};
    if has($message.participant_id) then .
    else .[$message.participant_id] = {
      participantId: $message.participant_id,
      displayName: $message.display_name,
      role: {enduser: "user", agent: "operator", bot: "bot"}[$message.role | ascii_downcase]
    } end)
  | [.[]];

# jq's own time functions know no fractions of a second. Every time here is UTC in one fixed width, so that its text
# sorts as its instant does; a source that mixes zones or widths would need more work than this peer does.
def conversation: {
  participants: participants,
  messages: map({content, participantId: .participant_id, timestamp}) | sort_by(.timestamp)
};

def interaction: {
  session: (.session | {
    sessionId: .session_id,
    channel: (.channel | {
      browser, deviceInfo: .device_info, deviceType: .device_type, language, location, medium, section
    } | present),
    interface: (.interface | {appVersion: .app_version, category, language, name, type} | present)
  } | present),
  request: (.request | {
    requestId: .request_id,
    attributes: ({variant: .attributes.variant} | present | map_values(ascii_upcase)),
    connections: {threadId: .connections.thread_id},
    context: {organizationId: .context.organization_id},
    reference: (.reference | {ids, labels, tags} | present),
    scope: (.scope | {conversations: [.conversations | conversation], interactions} | present),
    settings: (.settings | {disableStream: .disable_stream, maxResponseLength: .max_response_length} | present)
  })
};
