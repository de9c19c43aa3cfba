// The raw limit: libxml2 pushes XML through empty SAX2 handlers, and makes nothing of it.
//
//   libxml2_limit FILE
//
// Prints how many elements and bytes of text it saw, so that a run that stopped early cannot pass for a fast one.
// Build: cc -O2 libxml2_limit.c -o libxml2_limit $(pkg-config --cflags --libs libxml-2.0)

#include <libxml/parser.h>
#include <stdio.h>

static size_t elements, bytes;

static void count_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
                          const xmlChar **attributes) {
    (void)context, (void)name, (void)prefix, (void)uri, (void)namespace_count, (void)namespaces;
    (void)attribute_count, (void)defaulted, (void)attributes;
    elements += 1;
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    (void)context, (void)name, (void)prefix, (void)uri;
}

static void count_text(void *context, const xmlChar *text, int length) {
    (void)context, (void)text;
    bytes += length;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fputs("usage: libxml2_limit FILE\n", stderr);
        return 64;
    }
    FILE *file = fopen(arguments[1], "rb");
    xmlSAXHandler handler = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = count_element,
        .endElementNs = end_element,
        .characters = count_text,
        .cdataBlock = count_text,
        .ignorableWhitespace = count_text,
    };
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&handler, NULL, NULL, 0, arguments[1]);
    if (!file || !parser) {
        perror(arguments[1]);
        return 2;
    }
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_HUGE);
    static char buffer[1 << 18];
    size_t length;
    int error = 0;
    while (!error && (length = fread(buffer, 1, sizeof buffer, file)) > 0) {
        error = xmlParseChunk(parser, buffer, (int)length, 0);
    }
    if (error || ferror(file) || xmlParseChunk(parser, NULL, 0, 1)) {
        fprintf(stderr, "%s: not read to its end\n", arguments[1]);
        return 1;
    }
    printf("%zu elements, %zu bytes\n", elements, bytes);
    xmlFreeParserCtxt(parser);
    fclose(file);
}
