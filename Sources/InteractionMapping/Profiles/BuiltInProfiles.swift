// The formats that need no profile file: one line each.

/// The profiles that are part of the program, in the same language as everybody's.
package enum BuiltInProfiles {
    /// Each format's name and its YAML.
    private static let texts: [(name: String, yaml: [UInt8])] = [
        ("abcd", PackageResources.abcd_yaml),
        ("actiance", PackageResources.actiance_yaml),
        ("adium", PackageResources.adium_yaml),
        ("agentune", PackageResources.agentune_yaml),
        ("amazon-connect", PackageResources.amazon_connect_yaml),
        ("bot-framework", PackageResources.bot_framework_yaml),
        ("chatwoot", PackageResources.chatwoot_yaml),
        ("crisp", PackageResources.crisp_yaml),
        ("discord", PackageResources.discord_yaml),
        ("discord-csv", PackageResources.discord_csv_yaml),
        ("drift", PackageResources.drift_yaml),
        ("dynamics365", PackageResources.dynamics365_yaml),
        ("empathy", PackageResources.empathy_yaml),
        ("facebook-messenger", PackageResources.facebook_messenger_yaml),
        ("freshdesk", PackageResources.freshdesk_yaml),
        ("front", PackageResources.front_yaml),
        ("generic-csv", PackageResources.generic_csv_yaml),
        ("genesys-cloud", PackageResources.genesys_cloud_yaml),
        ("google-ccai", PackageResources.google_ccai_yaml),
        ("gorgias", PackageResources.gorgias_yaml),
        ("helpdesk-xml", PackageResources.helpdesk_xml_yaml),
        ("helpscout", PackageResources.helpscout_yaml),
        ("hubspot", PackageResources.hubspot_yaml),
        ("hubspot-csv", PackageResources.hubspot_csv_yaml),
        ("imessage", PackageResources.imessage_yaml),
        ("intercom", PackageResources.intercom_yaml),
        ("intercom-csv", PackageResources.intercom_csv_yaml),
        ("kaggle-support-tickets", PackageResources.kaggle_support_tickets_yaml),
        ("kopete", PackageResources.kopete_yaml),
        ("kustomer", PackageResources.kustomer_yaml),
        ("livechat", PackageResources.livechat_yaml),
        ("livechat-v2", PackageResources.livechat_v2_yaml),
        ("liveperson", PackageResources.liveperson_yaml),
        ("mattermost", PackageResources.mattermost_yaml),
        ("nps-chat", PackageResources.nps_chat_yaml),
        ("olark", PackageResources.olark_yaml),
        ("rasa", PackageResources.rasa_yaml),
        ("rocketchat", PackageResources.rocketchat_yaml),
        ("rocketchat-csv", PackageResources.rocketchat_csv_yaml),
        ("rsmf", PackageResources.rsmf_yaml),
        ("salesforce-livechat", PackageResources.salesforce_livechat_yaml),
        ("salesforce-livechat-json", PackageResources.salesforce_livechat_json_yaml),
        ("schema-guided-dialogue", PackageResources.schema_guided_dialogue_yaml),
        ("slack", PackageResources.slack_yaml),
        ("smartsupp", PackageResources.smartsupp_yaml),
        ("sms-backup-restore", PackageResources.sms_backup_restore_yaml),
        ("sunshine-conversations", PackageResources.sunshine_conversations_yaml),
        ("taskmaster", PackageResources.taskmaster_yaml),
        ("tawkto", PackageResources.tawkto_yaml),
        ("teams", PackageResources.teams_yaml),
        ("telegram", PackageResources.telegram_yaml),
        ("trillian", PackageResources.trillian_yaml),
        ("twilio", PackageResources.twilio_yaml),
        ("twilio-csv", PackageResources.twilio_csv_yaml),
        ("vcon", PackageResources.vcon_yaml),
        ("xmpp-archive", PackageResources.xmpp_archive_yaml),
        ("zendesk-chat", PackageResources.zendesk_chat_yaml),
        ("zendesk-chat-csv", PackageResources.zendesk_chat_csv_yaml),
        ("zendesk-support", PackageResources.zendesk_support_yaml),
        ("zendesk-support-csv", PackageResources.zendesk_support_csv_yaml),
        ("zendesk-support-xml", PackageResources.zendesk_support_xml_yaml),
    ]

    /// The names, in order.
    package static let names = texts.map(\.name)

    /// The profiles, in the order of their names.
    package static var all: [Profile] { (json + csv + xml).sorted { $0.name < $1.name } }

    /// The profiles of one kind of input, in the order of their names; read when they are first asked for, since nobody
    /// who converts a table should wait for those of JSON.
    package static func all(of kind: Profile.Kind) -> [Profile] {
        switch kind {
        case .json: json
        case .csv: csv
        case .xml: xml
        }
    }

    private static let json = read(.json)
    private static let csv = read(.csv)
    private static let xml = read(.xml)

    private static func read(_ kind: Profile.Kind) -> [Profile] {
        // A line of its own, as a test makes sure.
        let line = Array("\nkind: \(kind.rawValue)\n".utf8)
        return texts.filter { $0.yaml.firstRange(of: line) != nil }.compactMap { named($0.name) }
    }

    /// A profile by its name; only its own YAML is read.
    package static func named(_ name: String) -> Profile? {
        source(of: name).flatMap { Profile.read($0, file: name + ".yaml").profile }
    }

    /// A profile's YAML, as `profiles show` prints it.
    package static func source(of name: String) -> String? {
        texts.first { $0.name == name }.map { String(decoding: $0.yaml, as: UTF8.self) }
    }

    /// The built-in format that somebody may have meant.
    package static func nearest(to name: String) -> String? { NearestWord.among(names, to: name) }
}
