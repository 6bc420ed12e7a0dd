/*
 * lws-protocols-plugins.h: protocol tables, per-vhost data, and plugins.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_PROTOCOLS_PLUGINS_H
#define OXLWS_LWS_PROTOCOLS_PLUGINS_H

/** Ends a table of protocols. */
#define LWS_PROTOCOL_LIST_TERM { NULL, NULL, 0, 0, 0, NULL, 0 }

/** Goes up when plugins must be built anew. */
#define LWS_PLUGIN_API_MAGIC 191

/* generated:types */

/** A protocol that a vhost offers; a table of them ends with a NULL name. */
struct lws_protocols {
	/** The websocket subprotocol, and the name used in the program. */
	const char *name;
	/** Called for the connections of this protocol. */
	lws_callback_function *callback;
	/** Bytes of session data for each connection, zeroed; 0: none. */
	size_t per_session_data_size;
	/** Most bytes of one receive callback; 0: pt_serv_buf_size of the context. */
	size_t rx_buffer_size;
	/** For the program. */
	unsigned int id;
	/** For the program. */
	void *user;
	/** Most bytes that one send takes; 0: as rx_buffer_size. */
	size_t tx_packet_size;
};

/** The part that all kinds of plugins begin with. */
struct lws_plugin_header {
	const char *name;
	const char *_class;
	const char *lws_build_hash;
	unsigned int api_magic;
};

typedef struct lws_plugin_header lws_plugin_header_t;

/** What an event loop plugin exports. */
struct lws_plugin_evlib {
	lws_plugin_header_t hdr;
	const struct lws_event_loop_ops *ops;
};

/** The handle that the loader of the platform uses. */
union lws_plugin_u {
	void *l;
};

/** A loaded plugin in the list that `lws_plugins_init` builds. */
struct lws_plugin {
	struct lws_plugin *list;
	const lws_plugin_header_t *hdr;
	union lws_plugin_u u;
};

/** Called for each plugin found, with the user pointer. */
typedef int (*each_plugin_cb_t)(struct lws_plugin *plugin, void *each_user);

typedef struct lws_plugin_evlib lws_plugin_evlib_t;

/** What a protocol plugin exports. */
struct lws_plugin_protocol {
	lws_plugin_header_t hdr;
	const struct lws_protocols *protocols;
	const struct lws_extension *extensions;
	int count_protocols;
	int count_extensions;
};

typedef struct lws_plugin_protocol lws_plugin_protocol_t;

/* end of generated:types */

/* generated:functions */

/** The session size of the bound protocol becomes `size`; makes sure the memory exists. Returns it, or NULL. */
void *lws_adjust_protocol_psds(struct lws *wsi, size_t new_size);

/**
 * Carries out what `LWS_SERVER_OPTION_EXPLICIT_VHOSTS` put off: the user and group of the info are taken on.
 *
 * To be called when all vhosts listen; the first turn of the loop does it otherwise. Returns 0, or 1: the log says why.
 */
int lws_finalize_startup(struct lws_context *context);

/** The protocol a connection is bound to: an entry of the vhost's own array, which ends with NULL. */
const struct lws_protocols *lws_get_protocol(struct lws *wsi);

/** Calls `each` for the plugins of a list, unloads them and sets the variable to NULL. Returns 0. */
int lws_plugins_destroy(struct lws_plugin **pplugin, each_plugin_cb_t each, void *each_user);

/**
 * Loads the plugins of class `_class` from the directories `d` into a new list at `*pplugin`, and calls `each` for them.
 *
 * A file `lib<anything>_name.so` (or with `-`; what follows the first dot says nothing) is one if it exports a
 * `struct lws_plugin_header` called `name` that has the API magic of the headers and the class. `filter`: NULL, or the one
 * name wanted. What `each` returns says nothing. The newest plugin is the first of the list. A file that cannot be used,
 * and a directory that cannot be read, are told in the log and passed over. Returns 0, or 1: nothing was found; in the
 * product of soname 17, as in 4.1.6, that is 0 with an empty list.
 */
int lws_plugins_init(struct lws_plugin **pplugin, const char *const *d, const char *_class,
		const char *filter, each_plugin_cb_t each, void *each_user);

/** The same as `lws_get_protocol`. */
const struct lws_protocols *lws_protocol_get(struct lws *wsi);

/** PROTOCOL_INIT for all vhosts that had none; the loop does it by itself. Returns 0. */
int lws_protocol_init(struct lws_context *context);

/** The memory of `lws_protocol_vh_priv_zalloc`, or NULL; a protocol that the vhost does not have is an error in the log. */
void *lws_protocol_vh_priv_get(struct lws_vhost *vhost, const struct lws_protocols *prot);

/**
 * Zeroed memory of `size` bytes for a protocol of a vhost, freed with the vhost; that of an earlier call stays until then.
 *
 * Returns it, or NULL: no such protocol in this vhost, `size` is not above 0, or no memory.
 */
void *lws_protocol_vh_priv_zalloc(struct lws_vhost *vhost, const struct lws_protocols *prot,
		int size);

/**
 * Sets `result` to the value of the option called `name` in the list `in`, which is the `in` of `PROTOCOL_INIT`.
 *
 * Returns 0, or 1 (and leaves `result`) if there is no such option.
 */
int lws_pvo_get_str(void *in, const char *name, const char **result);

/** Finds the option called `name` in the list `pvo`. Returns it, or NULL. */
const struct lws_protocol_vhost_options *lws_pvo_search(const struct lws_protocol_vhost_options *pvo,
		const char *name);

/**
 * The memory of `lws_protocol_vh_priv_zalloc()` of protocol `protname`, of the first vhost whose options for that
 * protocol say `pvo_value` for `pvo_name`. NULL if there is none.
 */
void *lws_vhd_find_by_pvo(struct lws_context *cx, const char *protname, const char *pvo_name,
		const char *pvo_value);

/** The protocol of the vhost with this name, or NULL; lives as long as the vhost. */
const struct lws_protocols *lws_vhost_name_to_protocol(struct lws_vhost *vh, const char *name);

/* end of generated:functions */

#endif
