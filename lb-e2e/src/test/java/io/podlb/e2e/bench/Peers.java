package io.podlb.e2e.bench;

import java.util.List;

/** How the others are set up: one thread, everything else as it comes. */
final class Peers {

    private Peers() {}

    /** HAProxy in mode tcp. */
    static String haproxy(String front, String backend, boolean splice) {
        StringBuilder config = new StringBuilder("""
                global
                  nbthread 1
                  maxconn 9700
                  maxpipes 100
                defaults
                  mode tcp
                  timeout connect 5s
                  timeout client 1h
                  timeout server 1h
                """);
        if (splice) {
            config.append("  option splice-auto\n");
        }
        for (Pair pair : pairs()) {
            config.append("""
                    listen port%1$d
                      bind %2$s:%1$d
                      server backend %3$s:%4$d
                    """.formatted(pair.front, front, backend, pair.backend));
        }
        return config.toString();
    }

    /** nginx with its stream module. */
    static String nginx(String home, String front, String backend) {
        StringBuilder config = new StringBuilder("""
                load_module /usr/lib/nginx/modules/ngx_stream_module.so;
                daemon off;
                master_process off;
                pid %s/pid;
                error_log stderr;
                worker_rlimit_nofile 20000;
                events { worker_connections 19800; }
                stream {
                  proxy_timeout 1h;
                """.formatted(home));
        for (Pair pair : pairs()) {
            config.append("  server { listen %s:%d; proxy_pass %s:%d; }%n"
                    .formatted(front, pair.front, backend, pair.backend));
        }
        return config.append("}\n").toString();
    }

    /** A Service with one endpoint; in mode loopback its cluster IP 10.x.y.z is served at 127.x.y.z. */
    static String manifest(String front, String backend) {
        StringBuilder ports = new StringBuilder();
        StringBuilder endpointPorts = new StringBuilder();
        for (Pair pair : pairs()) {
            ports.append("  - {name: p%1$d, port: %1$d, targetPort: %2$d}%n".formatted(pair.front, pair.backend));
            endpointPorts.append("- {name: p%d, port: %d}%n".formatted(pair.front, pair.backend));
        }
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: bench}
                spec:
                  clusterIP: %s
                  ports:
                %s---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: bench-1, labels: {kubernetes.io/service-name: bench}}
                addressType: IPv4
                ports:
                %sendpoints:
                - {addresses: [%s], conditions: {ready: true}}
                """.formatted(front.replaceFirst("^127", "10"), ports, endpointPorts, backend);
    }

    private record Pair(int front, int backend) {}

    private static List<Pair> pairs() {
        Proxy.Ports front = Proxy.Ports.FRONT;
        Proxy.Ports backend = Proxy.Ports.BACKEND;
        return List.of(
                new Pair(front.http(), backend.http()),
                new Pair(front.bulk(), backend.bulk()),
                new Pair(front.echo(), backend.echo()));
    }
}
