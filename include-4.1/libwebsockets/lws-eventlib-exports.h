/*
 * lws-eventlib-exports.h: what event loop plugins implement and call.
 *
 * Part of <libwebsockets.h>; programs include that.
 */
#ifndef OXLWS_LWS_EVENTLIB_EXPORTS_H
#define OXLWS_LWS_EVENTLIB_EXPORTS_H

/** What the io operation of an event loop starts or stops waiting for. */
enum {
	LWS_EV_READ = 1,
	LWS_EV_WRITE = 2,
	LWS_EV_START = 4,
	LWS_EV_STOP = 8
};

/** Bits of `flags` in the event loop operations. */
enum lws_event_lib_ops_flags {
	LELOF_ISPOLL = 1,
	LELOF_DESTROY_FINAL = 0
};

/** What an event loop plugin implements. */
struct lws_event_loop_ops {
	const char *name;
	int (*init_context)(struct lws_context *context, const struct lws_context_creation_info *info);
	int (*destroy_context1)(struct lws_context *context);
	int (*destroy_context2)(struct lws_context *context);
	int (*init_vhost_listen_wsi)(struct lws *wsi);
	int (*init_pt)(struct lws_context *context, void *foreign_loop, int tsi);
	int (*wsi_logical_close)(struct lws *wsi);
	int (*check_client_connect_ok)(struct lws *wsi);
	void (*close_handle_manually)(struct lws *wsi);
	int (*sock_accept)(struct lws *wsi);
	void (*io)(struct lws *wsi, unsigned int flags);
	void (*run_pt)(struct lws_context *context, int tsi);
	void (*destroy_pt)(struct lws_context *context, int tsi);
	void (*destroy_wsi)(struct lws *wsi);
	int (*foreign_thread)(struct lws_context *context, int tsi);
	uint8_t flags;
	uint16_t evlib_size_ctx;
	uint16_t evlib_size_pt;
	uint16_t evlib_size_vh;
	uint16_t evlib_size_wsi;
};

/** Ends a connection as `lws_wsi_close()` does; its memory is given back by the library. */
void __lws_close_free_wsi_final(struct lws *wsi);

/** One turn of the loop that does not wait: connections with input that was read already, and whatever is due. */
int _lws_plat_service_forced_tsi(struct lws_context *context, int tsi);

/** Ends a connection as `lws_wsi_close()` does. `reason` is not sent; `caller` is for the log. */
void lws_close_free_wsi(struct lws *wsi, enum lws_close_status reason, const char *caller);

/** Does nothing: the descriptor that wakes the loop is no connection, and goes with the context. */
void lws_destroy_event_pipe(struct lws *wsi);

/**
 * Memory of the loop operations given in `info.event_lib_custom`, `evlib_size_pt` bytes, zeroed at first; NULL without
 * such operations. The native loop of an event library is given by `oxlws_event_loop()` of <oxlws.h>.
 */
void *lws_evlib_tsi_to_evlib_pt(struct lws_context *ctx, int tsi);

/** As `lws_evlib_tsi_to_evlib_pt()`, for the context of a connection. */
void *lws_evlib_wsi_to_evlib_pt(struct lws *wsi);

/**
 * Allocates, resizes or (size 0) frees memory with the allocator that is set.
 *
 * Returns the memory, or NULL if there is none (what `ptr` points to stays valid then) or if it was freed.
 */
void *lws_realloc(void *ptr, size_t size, const char *reason);

/** Does nothing: the loop itself hands out input that flow control held back. */
void lws_service_do_ripe_rxflow(struct lws_context_per_thread *pt);

/** The same as `lws_vhost_destroy()`. */
void lws_vhost_destroy1(struct lws_vhost *vh);

/**
 * Calls `cb` once for every listening socket of all vhosts; nonzero ends that and is returned, else 0.
 *
 * The list element it gets stands for the socket and is in no list; it is valid during the call.
 */
int lws_vhost_foreach_listen_wsi(struct lws_context *cx, void *arg, lws_dll2_foreach_cb_t cb);

/** The connection of a descriptor, or NULL. */
struct lws *wsi_from_fd(const struct lws_context *context, int fd);

#endif
