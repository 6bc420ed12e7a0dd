/*
 * chat-server: what one says, all hear. Made for docs/chat.md; open it in a browser.
 *
 *   chat-server [--port N] [--pages FOLDER]
 *
 *   --port N        port to listen on (8000); 0 lets the system choose
 *   --pages FOLDER  where chat.html lies ("pages")
 *
 * Shown: http and websockets on one port, one lws_ring for everybody with a tail for
 * each who listens, and what is done about those who do not keep up.
 *
 * Expected output, up to a SIGINT or SIGTERM:
 *
 *   listening on port 8000
 *   stopped: 2 guests, 3 messages
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Messages kept for those who are slow. */
#define RING_SIZE 64
/* Longer ones are refused. */
#define MESSAGE_MAX 1000

/* What the ring holds. The text has LWS_PRE bytes in front. */
struct message {
	unsigned char *data;
	size_t len;
};

/* One per connection. */
struct guest {
	struct guest *next;
	struct lws *wsi;
	uint32_t tail; /* the next message in the ring that it has not got */
};

/* One per vhost. */
struct room {
	struct lws_ring *ring;
	struct guest *guests;
};

static volatile sig_atomic_t stopping;
static struct lws_context *context;
static unsigned int guests, messages;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	lws_cancel_service(context);
}

static void destroy_message(void *element)
{
	struct message *m = element;

	free(m->data);
	m->data = NULL;
}

/* What no guest needs any more is destroyed. */
static void forget_old(struct room *room)
{
	struct guest *slowest = NULL;
	size_t waiting, most = 0;

	lws_start_foreach_llp(struct guest **, one, room->guests) {
		waiting = lws_ring_get_count_waiting_elements(room->ring, &(*one)->tail);
		if (!slowest || waiting > most) {
			slowest = *one;
			most = waiting;
		}
	}
	lws_end_foreach_llp(one, next);
	if (slowest)
		lws_ring_update_oldest_tail(room->ring, slowest->tail);
	else
		lws_ring_consume(room->ring, NULL, NULL,
				 lws_ring_get_count_waiting_elements(room->ring, NULL));
}

/* The slowest guest holds everybody's memory: when the ring is full, the slowest leave. */
static void make_place(struct room *room)
{
	uint32_t oldest = lws_ring_get_oldest_tail(room->ring);
	struct guest **link = &room->guests, *late;

	while ((late = *link)) {
		if (late->tail != oldest) {
			link = &late->next;
			continue;
		}
		*link = late->next;
		lws_set_timeout(late->wsi, PENDING_TIMEOUT_LAGGING, LWS_TO_KILL_ASYNC);
		late->wsi = NULL; /* no longer in the list */
	}
	forget_old(room);
}

/* Puts a text into the ring and asks for everybody's turn to write. */
static int say_to_all(struct room *room, const void *text, size_t len)
{
	struct message m = { malloc(LWS_PRE + len), len };

	if (!m.data)
		return -1;
	memcpy(m.data + LWS_PRE, text, len);
	if (!lws_ring_insert(room->ring, &m, 1)) {
		free(m.data);
		return -1;
	}
	messages++;
	lws_start_foreach_llp(struct guest **, one, room->guests) {
		lws_callback_on_writable((*one)->wsi);
	}
	lws_end_foreach_llp(one, next);
	return 0;
}

static int write_next(struct room *room, struct guest *guest)
{
	const struct message *m = lws_ring_get_element(room->ring, &guest->tail);

	if (!m)
		return 0;
	if (lws_write(guest->wsi, m->data + LWS_PRE, m->len, LWS_WRITE_TEXT) < (int)m->len)
		return -1;
	/* Moves its tail on; what nobody needs any more is destroyed. */
	lws_ring_consume_and_update_oldest_tail(room->ring, struct guest, &guest->tail, 1,
						room->guests, tail, next);
	if (lws_ring_get_element(room->ring, &guest->tail))
		lws_callback_on_writable(guest->wsi);
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct room *room = lws_protocol_vh_priv_get(lws_get_vhost(wsi), lws_get_protocol(wsi));
	struct guest *guest = user;

	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		room = lws_protocol_vh_priv_zalloc(lws_get_vhost(wsi), lws_get_protocol(wsi),
						   sizeof(*room));
		if (!room)
			return -1;
		room->ring = lws_ring_create(sizeof(struct message), RING_SIZE, destroy_message);
		return room->ring ? 0 : -1;

	case LWS_CALLBACK_PROTOCOL_DESTROY:
		if (room && room->ring)
			lws_ring_destroy(room->ring);
		return 0;

	case LWS_CALLBACK_ESTABLISHED:
		/* Hears what is said from now on. */
		guest->wsi = wsi;
		guest->tail = lws_ring_get_oldest_tail(room->ring);
		lws_ring_consume(room->ring, &guest->tail, NULL,
				 lws_ring_get_count_waiting_elements(room->ring, &guest->tail));
		lws_ll_fwd_insert(guest, next, room->guests);
		guests++;
		return 0;

	case LWS_CALLBACK_CLOSED:
		if (guest->wsi) {
			lws_ll_fwd_remove(struct guest, next, guest, room->guests);
			forget_old(room);
		}
		return 0;

	case LWS_CALLBACK_RECEIVE:
		if (!lws_is_final_fragment(wsi) || !lws_is_first_fragment(wsi) || len > MESSAGE_MAX) {
			lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
			return -1;
		}
		if (!lws_ring_get_count_free_elements(room->ring))
			make_place(room);
		if (guest->wsi && say_to_all(room, in, len))
			return -1;
		return 0;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		return guest->wsi ? write_next(room, guest) : 0;

	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{ "http", lws_callback_http_dummy, 0, 0, 0, NULL, 0 },
	{ "chat", on_event, sizeof(struct guest), MESSAGE_MAX + 24, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_http_mount mount;
	int n;

	memset(&info, 0, sizeof(info));
	memset(&mount, 0, sizeof(mount));
	mount.mountpoint = "/";
	mount.mountpoint_len = 1;
	mount.origin = "pages";
	mount.origin_protocol = LWSMPRO_FILE;
	mount.def = "chat.html";
	info.port = 8000;
	for (n = 1; n + 1 < argc; n += 2)
		if (!strcmp(argv[n], "--port"))
			info.port = atoi(argv[n + 1]);
		else if (!strcmp(argv[n], "--pages"))
			mount.origin = argv[n + 1];
	info.protocols = protocols;
	info.mounts = &mount;
	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);

	context = lws_create_context(&info);
	if (!context) {
		fprintf(stderr, "cannot listen on port %d\n", info.port);
		return 1;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	printf("listening on port %d\n",
	       lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));

	n = 0;
	while (n >= 0 && !stopping)
		n = lws_service(context, 0);
	lws_context_destroy(context);
	printf("stopped: %u guests, %u messages\n", guests, messages);
	return 0;
}
