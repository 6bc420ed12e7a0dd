#!/usr/bin/env python3
"""Make include-4.1/, the headers of the soname 17 product, from include/.

    older_headers.py [--check]

Each change below is one difference of diff-4.1.6-4.3.5.md; what is new in 4.3.5 and disturbs nothing stays. A change that
finds nothing to do is an error, so that a change of include/ cannot slip by. check_abi.py --include include-4.1
--tables 4.1.6.json holds the result to the table. With --check nothing is written; the exit status is 1 if it is stale.
"""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# A field or parameter with the comment in front of it, where it has one.
COMMENT = r'(?:[ \t]*/\*\*[^\n]*\*/\n)?'


def replace(old, new, count=1):
    """The text `old`, exactly `count` times, becomes `new`."""
    def change(text):
        assert text.count(old) == count, f'{text.count(old)} times: {old!r}'
        return text.replace(old, new)
    return change


def drop(struct, *fields):
    """Members of a struct go, with their comments."""
    def change(text):
        start = text.index(f'struct {struct} {{')
        end = text.index('\n};', start) + 1
        body = text[start:end]
        for name in fields:
            body, found = re.subn(rf'{COMMENT}[ \t]+[^\n;{{}}]*\b{name}(?:\[\d+\])?(?::\d+)?;\n', '', body)
            assert found == 1, f'{found} times: {struct}.{name}'
        return text[:start] + body + text[end:]
    return change


def field(struct, old, new):
    """Inside one struct, `old` becomes `new`."""
    def change(text):
        start = text.index(f'struct {struct} {{')
        end = text.index('\n};', start)
        assert text[start:end].count(old) == 1, f'{struct}: {old!r}'
        return text[:start] + text[start:end].replace(old, new) + text[end:]
    return change


def number(name, old, new):
    """An enumerator gets another value."""
    return replace(f'\t{name} = {old}', f'\t{name} = {new}')


def without(name):
    """An enumerator goes, with its comment."""
    def change(text):
        text, found = re.subn(rf'{COMMENT}\t{name} = \d+,?\n', '', text)
        assert found == 1, f'{found} times: {name}'
        return text
    return change


def parameter(function, old, new):
    """In one prototype, `old` becomes `new`."""
    def change(text):
        found = re.search(rf'[ *]{function}\([^;]*;', text)
        assert found and found.group().count(old) == 1, f'{function}: {old!r}'
        return text[:found.start()] + found.group().replace(old, new) + text[found.end():]
    return change


def add(anchor, new):
    """`new` goes in front of the text `anchor`."""
    return replace(anchor, new + anchor)


STREAM_STATES = [
    'CREATING', 'DISCONNECTED', 'UNREACHABLE', 'AUTH_FAILED', 'CONNECTED', 'CONNECTING', 'DESTROYING', 'POLL',
    'ALL_RETRIES_FAILED', 'QOS_ACK_REMOTE', 'QOS_NACK_REMOTE', 'QOS_ACK_LOCAL', 'QOS_NACK_LOCAL', 'TIMEOUT', 'SERVER_TXN',
    'SERVER_UPGRADE',
]
LATER_TOKENS = [
    '_WSI_TOKEN_CLIENT_SENT_PROTOCOLS', '_WSI_TOKEN_CLIENT_PEER_ADDRESS', '_WSI_TOKEN_CLIENT_URI',
    '_WSI_TOKEN_CLIENT_HOST', '_WSI_TOKEN_CLIENT_ORIGIN', '_WSI_TOKEN_CLIENT_METHOD', '_WSI_TOKEN_CLIENT_IFACE',
    '_WSI_TOKEN_CLIENT_ALPN', 'WSI_TOKEN_COUNT', 'WSI_TOKEN_NAME_PART', 'WSI_TOKEN_UNKNOWN_VALUE_PART',
    'WSI_TOKEN_SKIPPING', 'WSI_TOKEN_SKIPPING_SAW_CR', 'WSI_PARSING_COMPLETE', 'WSI_INIT_TOKEN_MUXURL',
]
LATENCY_STEPS = [
    ('LDLT_READ', 0), ('LDLT_WRITE', 1), ('LDLT_NAME_RESOLUTION', 2), ('LDLT_CONNECTION', 3),
    ('LDLT_TLS_NEG_CLIENT', 4), ('LDLT_TLS_NEG_SERVER', 5), ('LDLT_USER', 6),
    ('LAT_DUR_PROXY_CLIENT_REQ_TO_WRITE', 0), ('LAT_DUR_PROXY_CLIENT_WRITE_TO_PROXY_RX', 1),
    ('LAT_DUR_PROXY_PROXY_REQ_TO_WRITE', 2), ('LAT_DUR_PROXY_RX_TO_ONWARD_TX', 3), ('LAT_DUR_USERCB', 4),
    ('LAT_DUR_STEPS', 5),
]
STATISTICS = """\
C_CONNECTIONS C_API_CLOSE C_API_READ C_API_LWS_WRITE C_API_WRITE C_WRITE_PARTIALS C_WRITEABLE_CB_REQ
C_WRITEABLE_CB_EFF_REQ C_WRITEABLE_CB C_SSL_CONNECTIONS_FAILED C_SSL_CONNECTIONS_ACCEPTED C_SSL_ACCEPT_SPIN
C_SSL_CONNS_HAD_RX C_TIMEOUTS C_SERVICE_ENTRY B_READ B_WRITE B_PARTIALS_ACCEPTED_PARTS US_SSL_ACCEPT_LATENCY_AVG
US_WRITABLE_DELAY_AVG US_WORST_WRITABLE_DELAY US_SSL_RX_DELAY_AVG C_PEER_LIMIT_AH_DENIED C_PEER_LIMIT_WSI_DENIED
C_CONNS_CLIENT C_CONNS_CLIENT_FAILED SIZE""".split()


def constants(pairs):
    return 'enum {\n' + ',\n'.join(f'\t{name} = {value}' for name, value in pairs) + '\n};\n'


ONLY_OLDER = f"""\
/* Parts of 4.1 that are gone in 4.3; nothing of it is built. */

{constants(LATENCY_STEPS)}
/** How long the steps of one event took. */
struct lws_detlat {{
	lws_usec_t earliest_write_req;
	lws_usec_t earliest_write_req_pre_write;
	const char *aux;
	int type;
	uint32_t latencies[5];
	size_t req_size;
	size_t acc_size;
}};

typedef struct lws_detlat lws_detlat_t;

/** Called with the times of an event. */
typedef int (*det_lat_buf_cb_t)(struct lws_context *, const lws_detlat_t *);

{constants((f'LWSSTATS_{name}', value) for value, name in enumerate(STATISTICS))}
/** Statistics are not built: 0. */
static LWS_INLINE uint64_t lws_stats_get(struct lws_context *context, int index)
{{
	(void)context;
	(void)index;
	return 0;
}}

/** Statistics are not built: does nothing. */
static LWS_INLINE void lws_stats_log_dump(struct lws_context *context)
{{
	(void)context;
}}

"""

CHANGES = {
    'lws_config.h': [
        replace('LWS_LIBRARY_VERSION_MINOR 3', 'LWS_LIBRARY_VERSION_MINOR 1'),
        replace('LWS_LIBRARY_VERSION_PATCH 5', 'LWS_LIBRARY_VERSION_PATCH 6'),
        replace('LWS_LIBRARY_VERSION_PATCH_ELABORATED 5-unknown', 'LWS_LIBRARY_VERSION_PATCH_ELABORATED 6-'),
        replace('"4.3.5-unknown"', '"4.1.6-"'),
        add('#define LWS_LIBRARY_VERSION_MAJOR', ''.join(f'#define LWS_HAVE_SSL_CTX_{name}\n' for name in (
            'EVP_PKEY_new_raw_private_key', 'load_verify_dir', 'load_verify_file', 'set_ciphersuites'))),
    ],
    'libwebsockets/lws-adopt.h': [
        drop('lws_adopt_desc', 'fi_wsi_name'),
        field('lws_udp', '\tlws_sockaddr46 sa46;\n\tlws_sockaddr46 sa46_pending;\n\tuint8_t connected:1;',
              '\tstruct sockaddr sa;\n\tsocklen_t salen;\n\tstruct sockaddr sa_pending;\n\tsocklen_t salen_pending;'),
        lambda text: re.sub(r',\s*const char \*fi_wsi_name\)', ')', text, count=1),
    ],
    'libwebsockets/lws-callbacks.h': [
        add('\tLWS_CALLBACK_SSL_INFO = 67,', '\tLWS_CALLBACK_OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY = 37,\n'),
    ],
    'libwebsockets/lws-client.h': [drop('lws_client_connect_info', 'priority', 'fi_wsi_name', 'log_cx')],
    'libwebsockets/lws-context-vhost.h': [
        drop('lws_context_creation_info', 'simultaneous_ssl_handshake_restriction', 'tls_session_timeout',
             'tls_session_cache_max', 'smd_ttl_us', 'smd_queue_depth', 'fo_listen_queue', 'event_lib_custom', 'log_cx',
             'http_nsc_filepath', 'http_nsc_heap_max_footprint', 'http_nsc_heap_max_items', 'http_nsc_heap_max_payload'),
        field('lws_context_creation_info', '\tgid_t gid;', '\tint gid;'),
        field('lws_context_creation_info', '\tuid_t uid;', '\tint uid;'),
        field('lws_context_creation_info', '\tint rlimit_nofile;',
              '\tint rlimit_nofile;\n\t/** Not built. */\n\tuint8_t udp_loss_sim_tx_pc;\n\tuint8_t udp_loss_sim_rx_pc;'),
        add('/* end of generated:functions */', '/** Does nothing: lws_context_destroy() does all of it. */\n'
            'void lws_context_destroy2(struct lws_context *context);\n\n'),
        field('lws_http_mount', '\tconst char *basic_auth_login_file;',
              '\tconst char *basic_auth_login_file;\n\tvoid *_unused[2];'),
    ],
    'libwebsockets/lws-gencrypto.h': [
        without('LWS_GENCRYPTO_RSA_KEYEL_OTHER'), without('LWS_GENCRYPTO_RSA_KEYEL_RI'),
        without('LWS_GENCRYPTO_RSA_KEYEL_DI'), without('LWS_GENCRYPTO_RSA_KEYEL_TI'),
        number('LWS_GENCRYPTO_RSA_KEYEL_COUNT', 12, 8),
    ],
    'libwebsockets/lws-http.h': [
        parameter('lws_h2_update_peer_txcredit', 'unsigned int sid', 'int sid'),
        without('WSI_TOKEN_DSS_SIGNATURE'),
        *(number(name, 88 + place, 87 + place) for place, name in enumerate(LATER_TOKENS)),
        replace('token_limit[96]', 'token_limit[95]'),
    ],
    'libwebsockets/lws-secure-streams.h': [
        without('LWSSS_SER_RXPRE_METADATA'), without('LWSSS_SER_RXPRE_PERF'),
        number('LWSSS_SER_RXPRE_TLSNEG_ENCLAVE_SIGN', 90, 89),
        *(number(f'LWSSSCS_{name}', place + 1, place) for place, name in enumerate(STREAM_STATES)),
        without('LWSSSCS_EVENT_WAIT_CANCELLED'), without('LWSSSCS_UPSTREAM_LINK_RETRY'),
        number('LWSSSCS_SINK_JOIN', 19, 16), number('LWSSSCS_SINK_PART', 20, 17), without('LWSSSCS_USER_BASE'),
        drop('lws_ss_info', 'client_pid', 'sss_protocol_version'),
    ],
    'libwebsockets/lws-secure-streams-policy.h': [
        field('lws_ss_metadata', '\tvoid *value__may_own_heap;', '\tvoid *value;'),
        field('lws_ss_metadata', '\tuint8_t value_length;\n\tuint8_t value_is_http_token;\n', ''),
        field('lws_ss_metadata', 'value_on_lws_heap:1', 'value_on_lws_heap'),
        drop('lws_ss_policy', 'metrics', 'auth', 'respmap', 'count_respmap', 'proxy_buflen',
             'proxy_buflen_rxflow_on_above', 'proxy_buflen_rxflow_off_below', 'client_buflen',
             'client_buflen_rxflow_on_above', 'client_buflen_rxflow_off_below', 'priority'),
    ],
    'libwebsockets/lws-jwk.h': [
        field('lws_jwk', '\tstruct lws_gencrypto_keyelem e[12];', '\tstruct lws_gencrypto_keyelem e[8];'),
        drop('lws_jwk_parse_state', 'cose_state', 'seen'),
    ],
    'libwebsockets/lws-genrsa.h': [field('lws_genrsa_ctx', '\tBIGNUM *bn[12];', '\tBIGNUM *bn[8];')],
    'libwebsockets/lws-lejp.h': [
        replace('#define LEJP_MAX_INDEX_DEPTH 8', '#define LEJP_MAX_INDEX_DEPTH 5'),
        field('lejp_ctx', '\tuint16_t i[8];\n\tuint16_t wild[8];', '\tuint16_t i[5];\n\tuint16_t wild[5];'),
    ],
    'libwebsockets/lws-logs.h': [parameter('lwsl_timestamp', 'size_t len', 'int len')],
    'libwebsockets/lws-lwsac.h': [parameter('lwsac_extend', 'size_t amount', 'int amount')],
    'libwebsockets/lws-misc.h': [
        parameter('lws_get_effective_uid_gid', 'uid_t *uid, gid_t *gid', 'int *uid, int *gid'),
        parameter('lws_humanize', 'size_t len', 'int len'),
    ],
    'libwebsockets/lws-purify.h': [
        parameter(name, 'size_t len', 'int len')
        for name in ('lws_plat_read_file', 'lws_plat_write_cert', 'lws_plat_write_file', 'lws_sql_purify')
    ],
    'libwebsockets/lws-writeable.h': [parameter('lws_callback_vhost_protocols', 'size_t len', 'int len')],
    'libwebsockets/lws-protocols-plugins.h': [
        drop('lws_plugin_header', 'lws_build_hash'),
        replace('LWS_PLUGIN_API_MAGIC 191', 'LWS_PLUGIN_API_MAGIC 190'),
    ],
    'libwebsockets/lws-system.h': [
        number('LWS_SYSBLOB_TYPE_COUNT', 11, 8),
        without('LWS_SYSBLOB_TYPE_MQTT_CLIENT_ID'), without('LWS_SYSBLOB_TYPE_MQTT_USERNAME'),
        without('LWS_SYSBLOB_TYPE_MQTT_PASSWORD'),
        replace('typedef int (*dhcpc_cb_t)(void *, lws_dhcpc_ifstate_t *);',
                'typedef int (*dhcpc_cb_t)(void *, int, uint8_t *, int);'),
        lambda text: re.sub(r'\t/\*\* Takes the report of a metric\. \*/.*?(?=\t/\*\* How long the system)', '', text,
                            count=1, flags=re.S),
    ],
    'libwebsockets.h': [
        add('#include "libwebsockets/lws-callbacks.h"', '#include "libwebsockets/lws-stats.h"\n'),
    ],
}

# Headers of 4.1 alone.
NEW = {
    'libwebsockets/lws-stats.h':
        '/*\n * lws-stats.h: statistics and latencies of 4.1.\n */\n'
        '#ifndef OXLWS_LWS_STATS_H\n#define OXLWS_LWS_STATS_H\n\n' + ONLY_OLDER + '#endif\n',
}


def made():
    # Path below include-4.1 -> text.
    files = {}
    for path in sorted((ROOT / 'include').rglob('*.h')):
        name = path.relative_to(ROOT / 'include').as_posix()
        text = path.read_text()
        for change in CHANGES.get(name, []):
            try:
                text = change(text)
            except (AssertionError, ValueError) as problem:
                sys.exit(f'{name}: a change does not fit any more: {problem}')
        # Nothing here is compared with the Rust sources.
        text = re.sub(r'/\* (?:end of )?generated:\w+ \*/\n\n?', '', text)
        files[name] = text
    unknown = sorted(set(CHANGES) - set(files))
    if unknown:
        sys.exit(f'no such headers: {unknown}')
    files.update(NEW)
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--check', action='store_true', help='write nothing; fail if a header is stale')
    arguments = parser.parse_args()
    target = ROOT / 'include-4.1'
    files = made()
    there = {path.relative_to(target).as_posix() for path in target.rglob('*.h')} if target.exists() else set()
    stale = sorted(there - set(files))
    for name, text in files.items():
        path = target / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if arguments.check:
        for name in stale:
            print(f'include-4.1/{name} is stale: run {pathlib.Path(__file__).name}', file=sys.stderr)
        return int(bool(stale))
    for name in there - set(files):
        (target / name).unlink()
    return 0


if __name__ == '__main__':
    sys.exit(main())
