package io.podlb.server.listener;

import io.podlb.server.relay.LocalFailure;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.util.Locale;

/** Says in one line why an address could not be bound, and what to do. */
final class BindFailure {

    private BindFailure() {}

    static String explain(Protocol protocol, SocketAddressSpec bind, Throwable cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (LocalFailure.outOfDescriptors(cause)) {
            return "cannot listen on " + bind + ": no descriptor left; raise the limit (ulimit -n)";
        }
        if (message.contains("in use")) {
            return "cannot listen on " + bind + ": another socket has this port, on this address or on all of them;"
                    + " find it with: ss " + (protocol == Protocol.UDP ? "-lunp" : "-ltnp") + " 'sport = :"
                    + bind.port() + "'";
        }
        if (message.contains("permission denied")) {
            return "cannot listen on " + bind + ": no permission for ports below 1024; run with the capability"
                    + " NET_BIND_SERVICE, lower net.ipv4.ip_unprivileged_port_start, or use --cluster-ip-mode port";
        }
        if (message.contains("assign requested address")) {
            return "cannot listen on " + bind + ": no interface has this address; add it, for example with: "
                    + howToAdd(bind);
        }
        return "cannot listen on " + bind + ": " + cause;
    }

    /** A route makes an address of IPv4 local, but for IPv6 the kernel wants it on an interface. */
    private static String howToAdd(SocketAddressSpec bind) {
        String address = bind.address().getHostAddress();
        return bind.family() == IpFamily.IPV4
                ? "ip route add local " + address + " dev lo"
                : "ip address add " + address + "/128 dev lo";
    }
}
