package io.podlb.server.metrics;

import io.podlb.server.service.ServicePortName;

/** Every metric name of the data plane, and how labels are carried in it. */
public final class MetricNames {

    /** Connections accepted on the front ends of a service port. */
    public static final String CONNECTIONS = "podlb_connections_total";
    /** Of these, the ones that have not ended. */
    public static final String CONNECTIONS_OPEN = "podlb_connections_open";
    /** Ended connections by {@code reason}, the words of {@link io.podlb.server.service.EndReason}. */
    public static final String CONNECTIONS_ENDED = "podlb_connections_ended_total";
    /** Ended connections whose reason is a failure. */
    public static final String CONNECTIONS_FAILED = "podlb_connections_failed_total";
    /** Backends chosen by the balancer. */
    public static final String PICKS = "podlb_picks_total";
    /** Connects to backends begun. */
    public static final String CONNECT_ATTEMPTS = "podlb_connect_attempts_total";
    /** Of these, the second and later ones of a connection. */
    public static final String CONNECT_RETRIES = "podlb_connect_retries_total";
    /** Time of successful connects. */
    public static final String CONNECT_TIME = "podlb_connect_seconds";
    /** Life time of connections that reached a backend. */
    public static final String SESSION_TIME = "podlb_session_seconds";
    /** Bytes relayed, by {@code direction}: {@code to-backend} or {@code to-client}. */
    public static final String BYTES = "podlb_bytes_total";
    /** 1 while the front end's listener is open, else 0. By {@code kind} and {@code address}. */
    public static final String LISTENER_OPEN = "podlb_listener_open";
    /** Failed binds. */
    public static final String BIND_FAILURES = "podlb_bind_failures_total";
    /** Candidates of the balancer, by {@code set}: {@code cluster} or {@code local}. */
    public static final String POOL_BACKENDS = "podlb_pool_backends";
    /** Clients remembered by session affinity. */
    public static final String AFFINITY_ENTRIES = "podlb_affinity_entries";

    /** Times that a backend was left out since it could not be reached. */
    public static final String EJECTIONS = "podlb_ejections_total";
    /** Backends that are left out now. */
    public static final String EJECTED = "podlb_backends_ejected";
    /** Times that a backend stayed out since its trial failed. */
    public static final String EJECTION_TRIALS_FAILED = "podlb_ejection_trials_failed_total";
    /** Times that a backend would have been left out, had there been enough others. */
    public static final String EJECTIONS_PREVENTED = "podlb_ejections_prevented_total";
    /** Retries that were not made since the budget of retries was used up. */
    public static final String RETRIES_DENIED = "podlb_retries_denied_total";

    /** Backends that became ready and got less than their share for a while. */
    public static final String SLOW_STARTS = "podlb_slow_starts_total";

    /** Connections that found every place taken and waited for one. */
    public static final String CONNECTIONS_WAITED = "podlb_connections_waited_total";
    /** Of these, the ones that still do. */
    public static final String CONNECTIONS_WAITING = "podlb_connections_waiting";

    /** Connections, and datagrams of UDP, that a fault was done to on purpose, by {@code fault}. */
    public static final String FAULTS = "podlb_faults_total";

    /** UDP flows begun on the front ends of a service port; a request that is balanced on its own is one too. */
    public static final String UDP_FLOWS = "podlb_udp_flows_total";
    /** Of these, the ones that have not ended. */
    public static final String UDP_FLOWS_OPEN = "podlb_udp_flows_open";
    /** Ended flows by {@code reason}, the words of {@link io.podlb.server.service.FlowEnd}. */
    public static final String UDP_FLOWS_ENDED = "podlb_udp_flows_ended_total";
    /** Datagrams relayed, by {@code direction}: {@code to-backend} or {@code to-client}. */
    public static final String UDP_DATAGRAMS = "podlb_udp_datagrams_total";
    /** Bytes in them, by {@code direction}. */
    public static final String UDP_BYTES = "podlb_udp_bytes_total";
    /** Datagrams thrown away by {@code reason}, the words of {@link io.podlb.server.service.DatagramDrop}. */
    public static final String UDP_DATAGRAMS_DROPPED = "podlb_udp_datagrams_dropped_total";

    /** The same per {@code backend}; absent until the backend was picked once. */
    public static final String BACKEND_CONNECTIONS = "podlb_backend_connections_total";

    public static final String BACKEND_CONNECTIONS_OPEN = "podlb_backend_connections_open";
    public static final String BACKEND_PICKS = "podlb_backend_picks_total";
    public static final String BACKEND_CONNECT_FAILURES = "podlb_backend_connect_failures_total";
    public static final String BACKEND_CONNECT_TIME = "podlb_backend_connect_seconds";
    public static final String BACKEND_SESSION_TIME = "podlb_backend_session_seconds";
    public static final String BACKEND_BYTES = "podlb_backend_bytes_total";
    public static final String BACKEND_ENDED = "podlb_backend_connections_ended_total";

    /** Times that accepting stopped because descriptors had run out. */
    public static final String ACCEPT_PAUSES = "podlb_accept_pauses_total";
    /** Most connections that this process takes at a time. */
    public static final String CONNECTION_LIMIT = "podlb_connection_limit";
    /** Listeners that are not open because the descriptor limit has no room for them. */
    public static final String LISTENERS_WAITING = "podlb_listeners_waiting";
    /** Lines of the access log that were left out, by {@code reason}: {@code rate}, or {@code slow} output. */
    public static final String ACCESS_LOG_OMITTED = "podlb_access_log_omitted_total";
    /** Version of the table in force. */
    public static final String TABLE_VERSION = "podlb_table_version";
    /** Time from the hand-over of a table until it was in force. */
    public static final String APPLY_TIME = "podlb_apply_seconds";

    private MetricNames() {}

    static String of(String name, ServicePortName port, String... moreLabels) {
        StringBuilder text = new StringBuilder(name)
                .append("{namespace=")
                .append(port.namespace())
                .append(",service=")
                .append(port.service())
                .append(",port=")
                .append(port.port())
                .append(",protocol=")
                .append(port.protocol())
                .append(",family=")
                .append(port.family().kubernetesName());
        for (int i = 0; i < moreLabels.length; i += 2) {
            text.append(',').append(moreLabels[i]).append('=').append(moreLabels[i + 1]);
        }
        return text.append('}').toString();
    }
}
