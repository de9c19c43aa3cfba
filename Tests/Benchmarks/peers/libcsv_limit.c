// The raw limit: libcsv cuts CSV into rows and fields, and makes nothing of it.
//
//   libcsv_limit FILE
//
// Prints how many rows, fields and bytes of text it saw, so that a run that stopped early cannot pass for a fast one.
// Build: cc -O2 libcsv_limit.c -o libcsv_limit -lcsv

#include <csv.h>
#include <stdio.h>

static size_t rows, fields, bytes;

static void count_field(void *field, size_t length, void *context) {
    (void)field, (void)context;
    fields += 1;
    bytes += length;
}

static void count_row(int end, void *context) {
    (void)end, (void)context;
    rows += 1;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fputs("usage: libcsv_limit FILE\n", stderr);
        return 64;
    }
    FILE *file = fopen(arguments[1], "rb");
    struct csv_parser parser;
    if (!file || csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI)) {
        perror(arguments[1]);
        return 2;
    }
    static char buffer[1 << 18];
    size_t length;
    while ((length = fread(buffer, 1, sizeof buffer, file)) > 0) {
        if (csv_parse(&parser, buffer, length, count_field, count_row, NULL) != length) {
            break;
        }
    }
    if (ferror(file) || csv_error(&parser) || csv_fini(&parser, count_field, count_row, NULL)) {
        fprintf(stderr, "%s: not read to its end\n", arguments[1]);
        return 1;
    }
    printf("%zu rows, %zu fields, %zu bytes\n", rows, fields, bytes);
    csv_free(&parser);
    fclose(file);
}
