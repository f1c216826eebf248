package io.podlb.server.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.podlb.server.relay.UdpFront;
import io.podlb.server.service.DatagramDrop;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes datagrams off one socket. A client that has a flow was let in before, as a connection is that was accepted; any
 * other one is looked at.
 */
final class Receiver extends ChannelInboundHandlerAdapter {

    private static final Logger logger = LoggerFactory.getLogger(Receiver.class);

    private final UdpFront front;
    private final UdpSocket socket;
    private final Admission admission;

    Receiver(UdpFront front, UdpSocket socket, Admission admission) {
        this.front = front;
        this.socket = socket;
        this.admission = admission;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        front.opened(socket);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        front.closed(socket);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        try {
            InetSocketAddress sender = packet.sender();
            SocketAddressSpec client =
                    new SocketAddressSpec(InetAddresses.canonical(sender.getAddress()), sender.getPort());
            if (!front.relay(client, packet.content())) {
                admit(client, packet.content());
            }
        } finally {
            packet.release();
        }
    }

    private void admit(SocketAddressSpec client, ByteBuf content) {
        FrontendSpec frontend = front.route().frontend();
        InetAddress address = client.address();
        if (!Admission.admits(frontend, address)) {
            front.drop(DatagramDrop.SOURCE_DENIED);
            return;
        }
        EndpointSet set = admission.set(frontend, address);
        boolean localPolicy = frontend.endpointSet() != frontend.nodeLocalSet();
        if (localPolicy && front.route().pool().balancer(set).candidates().isEmpty()) {
            front.drop(DatagramDrop.NOT_LOCAL);
        } else {
            front.begin(client, set, content);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        front.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // What one client sends never closes the socket of all.
        logger.debug("{} on {}: {}", front.route().port(), socket.channel().localAddress(), cause.toString());
    }
}
