/*
 * A shared object that lws_plugins_init() finds. When it is compiled, SYMBOL is the name of its
 * table, CLASS and MAGIC are what the table says.
 */
#include <libwebsockets.h>

#ifndef CLASS
#define CLASS "test"
#endif
#ifndef MAGIC
#define MAGIC LWS_PLUGIN_API_MAGIC
#endif
#define TEXT_OF(word) #word
#define TEXT(word) TEXT_OF(word)

const lws_plugin_header_t SYMBOL = { .name = TEXT(SYMBOL), ._class = CLASS, .api_magic = MAGIC };
