// The names of months and weekdays in the languages that time patterns know.

/// One name that a time may contain.
struct TimeName: Sendable {
    /// Up to sixteen bytes in lower case, compared at once.
    struct Letters: Sendable {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        /// Takes the first sixteen bytes of a text, with its ASCII and Latin-1 letters in lower case.
        ///
        /// - Parameter text: UTF-8; fewer bytes are filled up with zeros.
        init(folding text: UnsafeRawBufferPointer) {
            var previous: UInt8 = 0
            for (index, byte) in text.prefix(16).enumerated() {
                let isLetter =
                    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (previous == 0xC3 && (0x80...0x9E).contains(byte))
                let folded = UInt64(isLetter ? byte | 0x20 : byte) &<< UInt64(index % 8 &* 8)
                if index < 8 { low |= folded } else { high |= folded }
                previous = byte
            }
        }

        /// Whether these letters begin with a name.
        func starts(with name: TimeName) -> Bool {
            let excess = UInt64(max(0, 8 &- name.length) &* 8)
            let highExcess = UInt64(min(8, 16 &- name.length) &* 8)
            // A shift by 64 gives 0, which is what no byte compared means.
            return (low ^ name.letters.low) << excess == 0 && (high ^ name.letters.high) << highExcess == 0
        }
    }

    let letters: Letters

    /// In bytes, at most 16.
    let length: Int

    /// 1 to 12 for months, 0 (Sunday) to 6 for weekdays.
    let number: Int64

    /// Makes the names of a list.
    ///
    /// - Parameters:
    ///   - lists: Names separated by spaces, spellings of one by bars.
    ///   - first: The number of the first name.
    /// - Returns: The longest names first, so that the first that fits is the right one.
    static func names(_ lists: [String], from first: Int64) -> [TimeName] {
        lists.flatMap { list in
            list.split(separator: " ").enumerated().flatMap { index, spellings in
                spellings.split(separator: "|").map { TimeName(String($0), number: first + Int64(index)) }
            }
        }
        .sorted { $0.length > $1.length }
    }

    private init(_ name: String, number: Int64) {
        var name = name
        self.number = number
        length = name.utf8.count
        letters = name.withUTF8 { Letters(folding: UnsafeRawBufferPointer($0)) }
    }
}

/// The names of one language, which has those of English beside its own.
struct TimeLanguage {
    /// January first; spellings of one name are separated by bars, without points.
    let months: String

    /// Sunday first.
    let weekdays: String

    /// The languages by their codes.
    static let all: [String: TimeLanguage] = [
        "en": TimeLanguage(
            months: "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug "
                + "september|sept|sep october|oct november|nov december|dec",
            weekdays: "sunday|sun monday|mon tuesday|tues|tue wednesday|wed thursday|thurs|thur|thu friday|fri "
                + "saturday|sat"
        ),
        "de": TimeLanguage(
            months: "januar|jänner|jan|jän februar|feber|feb märz|mär|mrz april|apr mai juni|jun juli|jul august|aug "
                + "september|sept|sep oktober|okt november|nov dezember|dez",
            weekdays: "sonntag|so montag|mo dienstag|di mittwoch|mi donnerstag|do freitag|fr samstag|sonnabend|sa"
        ),
        "fr": TimeLanguage(
            months: "janvier|janv|jan février|févr|fév mars avril|avr mai juin juillet|juil août septembre|sept "
                + "octobre|oct novembre|nov décembre|déc",
            weekdays: "dimanche|dim lundi|lun mardi|mar mercredi|mer jeudi|jeu vendredi|ven samedi|sam"
        ),
        "es": TimeLanguage(
            months: "enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago "
                + "septiembre|setiembre|sept|sep|set octubre|oct noviembre|nov diciembre|dic",
            weekdays: "domingo|dom lunes|lun martes|mar miércoles|mié jueves|jue viernes|vie sábado|sáb"
        ),
        "it": TimeLanguage(
            months: "gennaio|gen febbraio|feb marzo|mar aprile|apr maggio|mag giugno|giu luglio|lug agosto|ago "
                + "settembre|set ottobre|ott novembre|nov dicembre|dic",
            weekdays: "domenica|dom lunedì|lun martedì|mar mercoledì|mer giovedì|gio venerdì|ven sabato|sab"
        ),
        "nl": TimeLanguage(
            months: "januari|jan februari|feb maart|mrt april|apr mei juni|jun juli|jul augustus|aug "
                + "september|sept|sep oktober|okt november|nov december|dec",
            weekdays: "zondag|zo maandag|ma dinsdag|di woensdag|wo donderdag|do vrijdag|vr zaterdag|za"
        ),
        "pt": TimeLanguage(
            months: "janeiro|jan fevereiro|fev março|mar abril|abr maio|mai junho|jun julho|jul agosto|ago "
                + "setembro|set outubro|out novembro|nov dezembro|dez",
            weekdays: "domingo|dom segunda-feira|segunda|seg terça-feira|terça|ter quarta-feira|quarta|qua "
                + "quinta-feira|quinta|qui sexta-feira|sexta|sex sábado|sáb"
        ),
    ]
}
