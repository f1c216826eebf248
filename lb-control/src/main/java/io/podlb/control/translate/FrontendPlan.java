package io.podlb.control.translate;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One front end of a service port and its verdict (kube-semantics 5).
 *
 * @param address the address of the Service; null for a node port, which is on the addresses of the node
 * @param port cluster port, or the node port
 * @param endpointSet what clients are offered
 * @param verdict what happens to their new connections
 * @param nodeLocalSet what clients on this node and its Pods are offered (kube-semantics 5.6)
 * @param nodeLocalVerdict what happens to their new connections
 * @param sourceRanges empty: no restriction (kube-semantics 6.1 to 6.3)
 */
public record FrontendPlan(
        FrontendKind kind,
        @Nullable InetAddress address,
        int port,
        EndpointSet endpointSet,
        Verdict verdict,
        EndpointSet nodeLocalSet,
        Verdict nodeLocalVerdict,
        List<Cidr> sourceRanges) {

    public FrontendPlan {
        sourceRanges = List.copyOf(sourceRanges);
    }

    FrontendPlan restrictedTo(List<Cidr> ranges) {
        return new FrontendPlan(kind, address, port, endpointSet, verdict, nodeLocalSet, nodeLocalVerdict, ranges);
    }

    /** {@code 10.96.41.7:80}, {@code [fd00::7]:80}, or {@code *:30080} for a node port. */
    public String shown() {
        return address == null ? "*:" + port : new SocketAddressSpec(address, port).toString();
    }

    /** Whether clients outside of the cluster use it. */
    public boolean external() {
        return kind != FrontendKind.CLUSTER_IP;
    }
}
