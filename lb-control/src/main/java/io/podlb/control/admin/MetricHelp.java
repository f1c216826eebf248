package io.podlb.control.admin;

import static java.util.Map.entry;

import io.podlb.server.metrics.MetricNames;
import java.util.Map;
import java.util.Set;

/** What each metric of the admin endpoint is, in one sentence for its {@code # HELP} line. */
final class MetricHelp {

    /** Named like counters and none: kube-proxy's name for a number that also falls (kube-semantics 12.2). */
    static final Set<String> GAUGES = Set.of("kubeproxy_sync_proxy_rules_no_local_endpoints_total");

    private static final Map<String, String> TEXTS = Map.ofEntries(
            entry(MetricNames.CONNECTIONS, "Connections accepted on the front ends of a service port."),
            entry(MetricNames.CONNECTIONS_OPEN, "Connections that have not ended."),
            entry(MetricNames.CONNECTIONS_ENDED, "Ended connections, by reason."),
            entry(MetricNames.CONNECTIONS_FAILED, "Ended connections whose reason is a failure."),
            entry(MetricNames.PICKS, "Backends chosen by the balancer."),
            entry(MetricNames.CONNECT_ATTEMPTS, "Connects to backends begun."),
            entry(MetricNames.CONNECT_RETRIES, "Connects begun that are the second or a later one of a connection."),
            entry(MetricNames.CONNECT_TIME, "Time of successful connects to backends."),
            entry(MetricNames.SESSION_TIME, "Life time of connections that reached a backend."),
            entry(MetricNames.BYTES, "Bytes relayed, by direction."),
            entry(MetricNames.LISTENER_OPEN, "1 while the listener of a front end is open, else 0."),
            entry(MetricNames.BIND_FAILURES, "Failed binds."),
            entry(MetricNames.POOL_BACKENDS, "Endpoints that the balancer may choose, by set."),
            entry(MetricNames.AFFINITY_ENTRIES, "Clients remembered by session affinity."),
            entry(MetricNames.EJECTIONS, "Times that an endpoint was left out since it could not be reached."),
            entry(MetricNames.EJECTED, "Endpoints that are left out since they could not be reached."),
            entry(MetricNames.EJECTION_TRIALS_FAILED, "Times that an endpoint stayed out since its trial failed."),
            entry(MetricNames.EJECTIONS_PREVENTED, "Times that no set could do without an endpoint that failed."),
            entry(MetricNames.RETRIES_DENIED, "Retries not made since their budget was used up."),
            entry(MetricNames.SLOW_STARTS, "Endpoints that became ready and got less than their share for a while."),
            entry(MetricNames.CONNECTIONS_WAITED, "Connections that waited for a place, since all were taken."),
            entry(MetricNames.CONNECTIONS_WAITING, "Connections that wait for a place."),
            entry(MetricNames.FAULTS, "Connections and datagrams that a fault was done to on purpose, by fault."),
            entry("podlb_active_checks_total", "Tries of active checks, by result."),
            entry(MetricNames.UDP_FLOWS, "UDP flows begun on the front ends of a service port."),
            entry(MetricNames.UDP_FLOWS_OPEN, "UDP flows that have not ended."),
            entry(MetricNames.UDP_FLOWS_ENDED, "Ended UDP flows, by reason."),
            entry(MetricNames.UDP_DATAGRAMS, "Datagrams relayed, by direction."),
            entry(MetricNames.UDP_BYTES, "Bytes in relayed datagrams, by direction."),
            entry(MetricNames.UDP_DATAGRAMS_DROPPED, "Datagrams that were not passed on, by reason."),
            entry(MetricNames.BACKEND_CONNECTIONS, "Connections that reached a backend."),
            entry(MetricNames.BACKEND_CONNECTIONS_OPEN, "Connections to a backend that have not ended."),
            entry(MetricNames.BACKEND_PICKS, "Times that the balancer chose a backend."),
            entry(MetricNames.BACKEND_CONNECT_FAILURES, "Connects to a backend that failed."),
            entry(MetricNames.BACKEND_CONNECT_TIME, "Time of successful connects to a backend."),
            entry(MetricNames.BACKEND_SESSION_TIME, "Life time of connections to a backend."),
            entry(MetricNames.BACKEND_BYTES, "Bytes relayed with a backend, by direction."),
            entry(MetricNames.BACKEND_ENDED, "Ended connections to a backend, by reason."),
            entry(MetricNames.ACCEPT_PAUSES, "Times that accepting stopped because descriptors had run out."),
            entry(MetricNames.CONNECTION_LIMIT, "Most connections that this process takes at a time."),
            entry(MetricNames.LISTENERS_WAITING, "Listeners that the descriptor limit has no room for."),
            entry(MetricNames.ACCESS_LOG_OMITTED, "Lines of the access log that were left out, by reason."),
            entry(MetricNames.TABLE_VERSION, "Version of the table in force."),
            entry(MetricNames.APPLY_TIME, "Time from the hand-over of a table until it was in force."),
            entry("podlb_update_to_effect_seconds", "Time from the arrival of a change until it was in force."),
            entry("podlb_build_info", "1; the labels say the version of podlb and of Java."),
            entry("kubeproxy_sync_proxy_rules_duration_seconds", "Time of passes over what had changed."),
            entry("kubeproxy_sync_full_proxy_rules_duration_seconds", "Time of passes over all Services."),
            entry("kubeproxy_sync_partial_proxy_rules_duration_seconds", "Time of passes over some Services."),
            entry("kubeproxy_sync_proxy_rules_last_timestamp_seconds", "When the latest pass was complete."),
            entry("kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds", "When the latest change came."),
            entry(
                    "kubeproxy_network_programming_duration_seconds",
                    "Time from what changed an endpoint, as its slice says, until it was in force."),
            entry("kubeproxy_sync_proxy_rules_endpoint_changes_pending", "Changes of slices that wait for a pass."),
            entry("kubeproxy_sync_proxy_rules_endpoint_changes_total", "Changes of slices that came."),
            entry("kubeproxy_sync_proxy_rules_service_changes_pending", "Changes of Services that wait for a pass."),
            entry("kubeproxy_sync_proxy_rules_service_changes_total", "Changes of Services that came."),
            entry(
                    "kubeproxy_sync_proxy_rules_no_local_endpoints_total",
                    "Service ports with policy Local and endpoints on other nodes alone."),
            entry("kubeproxy_proxy_healthz_total", "Answers at /healthz, by HTTP status."),
            entry("kubeproxy_proxy_livez_total", "Answers at /livez, by HTTP status."),
            entry("jvm_memory_used_bytes", "Memory that the JVM uses, by area."),
            entry("jvm_threads_current", "Threads of the JVM."),
            entry("jvm_gc_collection_seconds", "Time spent in garbage collection, by collector."),
            entry("process_start_time_seconds", "When the process started."),
            entry("process_cpu_seconds_total", "Processor time that the process has used."),
            entry("process_open_fds", "Descriptors that are open."),
            entry("process_max_fds", "Descriptors that may be open at a time."));

    private MetricHelp() {}

    /** Of the metric with this name as it is exposed; empty for one that nobody has described. */
    static String of(String name) {
        return TEXTS.getOrDefault(name, "");
    }
}
