// The raw limit: simdjson on-demand reads NDJSON, visits every value and makes nothing of it.
//
//   simdjson_ondemand all|messages FILE     all: every key and value, strings unescaped; messages: the messages' fields
//
// Prints how many records and how many bytes of text it saw, so that a run that stopped early cannot pass for a fast
// one.
// Build: c++ -O2 -std=c++17 simdjson_ondemand.cpp -o simdjson_ondemand -lsimdjson

#include <simdjson.h>

#include <cstddef>
#include <cstdio>
#include <string_view>

namespace ondemand = simdjson::ondemand;

struct Totals {
    std::size_t records = 0;
    std::size_t bytes = 0;
    std::size_t literals = 0;
};

static void visit(ondemand::value value, Totals &totals);

static void visit_fields(ondemand::object object, Totals &totals) {
    for (auto field : object) {
        totals.bytes += std::string_view(field.unescaped_key()).size();
        visit(field.value(), totals);
    }
}

static void visit(ondemand::value value, Totals &totals) {
    switch (value.type()) {
    case ondemand::json_type::object:
        visit_fields(value.get_object(), totals);
        break;
    case ondemand::json_type::array:
        for (auto item : value.get_array()) {
            visit(item.value(), totals);
        }
        break;
    case ondemand::json_type::string:
        totals.bytes += std::string_view(value.get_string()).size();
        break;
    case ondemand::json_type::number:
        // The number's text, as in the program under test, which keeps numbers unparsed.
        totals.bytes += value.raw_json_token().size();
        break;
    default:
        totals.literals += 1;
    }
}

static void visit_messages(ondemand::object payload, Totals &totals) {
    for (auto item : payload["request"]["scope"]["conversations"].get_array()) {
        ondemand::object message = item.get_object();
        // In the order in which the file has them: looking for a key behind the current place would start over.
        for (const char *key : {"content", "display_name", "participant_id", "role", "timestamp"}) {
            totals.bytes += std::string_view(message.find_field(key).get_string()).size();
        }
    }
}

int main(int count, char **arguments) {
    const std::string_view mode = count == 3 ? arguments[1] : "";
    if (mode != "all" && mode != "messages") {
        std::fputs("usage: simdjson_ondemand all|messages FILE\n", stderr);
        return 64;
    }
    try {
        const simdjson::padded_string text = simdjson::padded_string::load(arguments[2]);
        ondemand::parser parser;
        ondemand::document_stream documents = parser.iterate_many(text);
        Totals totals;
        for (auto document : documents) {
            totals.records += 1;
            if (mode == "all") {
                visit_fields(document.get_object(), totals);
            } else {
                visit_messages(document.get_object(), totals);
            }
        }
        std::printf("%zu records, %zu bytes, %zu literals\n", totals.records, totals.bytes, totals.literals);
        if (documents.truncated_bytes() > 0) {
            std::fprintf(stderr, "%zu bytes were not read\n", documents.truncated_bytes());
            return 1;
        }
    } catch (const simdjson::simdjson_error &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
