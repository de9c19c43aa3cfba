// What the project uses of libxml2: the push parsers of XML and HTML.
#include <libxml/xmlversion.h>
// With ICU, the headers of libxml2 bring in those of the system's ICU, which contradict those of Foundation's own. Only a
// struct that nobody here looks into has fields that depend on it.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <libxml/xmlerror.h>

// Newer versions mark these fields as deprecated, without anything in their place that a callback may use.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/// Where the parser stands in its buffer.
static inline const unsigned char *cxml_cursor(xmlParserCtxtPtr context) {
    return context->input != NULL ? context->input->cur : NULL;
}

/// The first byte of the buffer that is still there.
static inline const unsigned char *cxml_base(xmlParserCtxtPtr context) {
    return context->input != NULL ? context->input->base : NULL;
}

/// Bytes of the text before the cursor.
static inline long cxml_position(xmlParserCtxtPtr context) {
    xmlParserInputPtr input = context->input;
    return input != NULL ? (long)input->consumed + (long)(input->cur - input->base) : 0;
}

/// The position of a byte of the buffer in the text; -1 for any other.
static inline long cxml_position_of(xmlParserCtxtPtr context, const void *byte) {
    xmlParserInputPtr input = context->input;
    const unsigned char *at = byte;
    if (input == NULL || at == NULL || at < input->base || at >= input->end) return -1;
    return (long)input->consumed + (long)(at - input->base);
}

/// The line of the cursor.
static inline int cxml_line(xmlParserCtxtPtr context) {
    return context->input != NULL ? context->input->line : 0;
}

/// Whether the cursor is inside a CDATA section.
static inline int cxml_is_inside_cdata(xmlParserCtxtPtr context) {
    return context->instate == XML_PARSER_CDATA_SECTION;
}

/// Bytes from the cursor to the end of the buffer.
static inline long cxml_rest(xmlParserCtxtPtr context) {
    return context->input != NULL ? (long)(context->input->end - context->input->cur) : 0;
}

/// The last line feed among some bytes.
static inline const void *cxml_last_line_feed(const void *start, size_t count) {
    // Declared by string.h for GNU sources only, which a module is not.
    extern void *memrchr(const void *, int, size_t);
    return memrchr(start, '\n', count);
}

/// The character that HTML calls by a name; 0 if there is none.
static inline unsigned int cxml_entity_value(const char *name) {
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
    return entity != NULL ? entity->value : 0;
}

/// The version of the library that is loaded, such as 20914.
static inline const char *cxml_version(void) {
    return xmlParserVersion;
}

#pragma GCC diagnostic pop
