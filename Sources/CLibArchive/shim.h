// What the project uses of libarchive: streaming readers.
#include <archive.h>
#include <archive_entry.h>
