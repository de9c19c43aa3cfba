// zlib's initialisers are macros, which Swift cannot see.
#include <zlib.h>

static inline int czlib_inflate_init_gzip(z_streamp stream) {
    // 15 + 16: the largest window, gzip framing only, so that header and CRC are checked.
    return inflateInit2(stream, 15 + 16);
}
