package io.podlb.kit;

import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.jspecify.annotations.Nullable;

/**
 * Where the front ends and Pods of one lab really listen. A place is nobody else's: labs of this and of other processes
 * keep out of it. What an address of Kubernetes was given stays until it is released. Any thread.
 */
interface Places extends AutoCloseable {

    /**
     * The place of an address of Kubernetes at a port, for TCP and UDP. The first call looks for one that can be bound.
     *
     * @param nominal address of a Service, Pod or node as objects say it
     */
    SocketAddressSpec place(InetAddress nominal, int port);

    /** Gives the places of an address back; nobody listens there any more. */
    void release(InetAddress nominal);

    /** Lets others have all of it. */
    @Override
    void close();

    /** Whether both protocols can be bound there at the moment. */
    static boolean canBind(SocketAddressSpec address) {
        try (DatagramSocket datagrams = new DatagramSocket(null)) {
            datagrams.bind(address.toSocketAddress());
            return canListen(address.toSocketAddress());
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether nobody listens for connections there at the moment, and somebody could. */
    static boolean canListen(InetSocketAddress address) {
        try (ServerSocket stream = new ServerSocket()) {
            stream.bind(address, 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** A socket that holds an address until it is closed, at the latest by the end of the process; null if another does. */
    static @Nullable DatagramSocket hold(SocketAddressSpec address) {
        DatagramSocket claim = null;
        try {
            claim = new DatagramSocket(null);
            claim.setReuseAddress(false);
            claim.bind(address.toSocketAddress());
            return claim;
        } catch (IOException e) {
            if (claim != null) {
                claim.close();
            }
            return null;
        }
    }
}
