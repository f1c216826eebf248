package io.podlb.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket that passes every datagram whole, up to the largest that UDP knows, and empty ones too, which Netty
 * accepts and silently never sends.
 *
 * <p>UDP_GRO and UDP_SEGMENT are not used. A receiver gets several datagrams as one only where the sender or the network
 * card has put them together: over loopback and from a sender that does not, 1.0 a receive, at the same 1.0 us each (with
 * one that does, 45 of 1400 bytes at 0.08 us each). A send of several would save most of the way through the kernel, 3.0
 * us against 0.5 us each, but the kernel refuses all of them if one is larger than the path takes whole, which is known
 * only then; and some cards cannot. So each such send would need a second way.
 *
 * <p>With nio a connected socket that has sent an empty datagram no longer hears of "port unreachable".
 *
 * <p>Thread rule: made by any thread; everything else is for its event loop. Whoever makes one closes its channel.
 */
public final class UdpSocket {

    /** No payload is longer: 65 507 bytes over IPv4, 65 527 over IPv6. */
    private static final int MAX_PAYLOAD = 65_535;

    /** Datagrams that one call of recvmmsg takes. */
    private static final int BATCH = 4;

    /** What may wait for a full send buffer of the kernel, before {@link #isWritable} says no. */
    private static final WriteBufferWaterMark WAITING = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    private final DatagramChannel channel;
    private final java.nio.channels.@Nullable DatagramChannel jdk; // null for epoll
    private @Nullable InetSocketAddress peer; // once the JDK's channel had to be disconnected
    private boolean listed; // among those that somebody is going to flush

    private UdpSocket(DatagramChannel channel, java.nio.channels.@Nullable DatagramChannel jdk, int receiveBuffer) {
        this.channel = channel;
        this.jdk = jdk;
        channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(receiveBuffer));
        channel.config().setWriteBufferWaterMark(WAITING);
    }

    static UdpSocket epoll() {
        EpollDatagramChannel channel = new EpollDatagramChannel();
        channel.config().setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_PAYLOAD);
        // Always more than one: with one, Netty reads connected sockets in a way that loses empty datagrams.
        return new UdpSocket(channel, null, BATCH * MAX_PAYLOAD);
    }

    static UdpSocket nio() {
        try {
            java.nio.channels.DatagramChannel jdk = SelectorProvider.provider().openDatagramChannel();
            return new UdpSocket(new NioDatagramChannel(jdk), jdk, MAX_PAYLOAD);
        } catch (IOException e) {
            throw new ChannelException("no datagram socket: " + e.getMessage(), e);
        }
    }

    public DatagramChannel channel() {
        return channel;
    }

    /** False while too much waits for the kernel already, even after what was written is flushed. */
    public boolean isWritable() {
        if (!channel.isWritable()) {
            channel.flush();
        }
        return channel.isWritable();
    }

    /**
     * Sends a datagram with the next flush of the channel.
     *
     * @param content released by this
     * @param to null if the socket is connected
     * @return completes when the kernel took it or refused to
     */
    public ChannelFuture write(ByteBuf content, @Nullable InetSocketAddress to) {
        if (content.isReadable()) {
            InetSocketAddress explicit = to == null ? peer : to;
            return channel.write(explicit == null ? content : new DatagramPacket(content, explicit));
        }
        content.release();
        channel.flush();
        try {
            sendEmpty(to == null ? remote() : to, to == null);
            return channel.newSucceededFuture();
        } catch (IOException e) {
            return channel.newFailedFuture(e);
        }
    }

    /** Remembers that it is on somebody's list of what to flush. False if it was on one before. */
    public boolean list() {
        boolean fresh = !listed;
        listed = true;
        return fresh;
    }

    /** Hands to the kernel what was written; it is on no list any more. */
    public void flush() {
        listed = false;
        channel.flush();
    }

    private InetSocketAddress remote() {
        InetSocketAddress known = peer;
        return known == null ? channel.remoteAddress() : known;
    }

    /** Whether a datagram is from the peer that the socket was connected to; the kernel does not always look. */
    public boolean isFromPeer(InetSocketAddress sender) {
        InetSocketAddress known = peer;
        return known == null || known.equals(sender);
    }

    private void sendEmpty(InetSocketAddress to, boolean connected) throws IOException {
        ByteBuffer nothing = ByteBuffer.allocateDirect(0);
        java.nio.channels.DatagramChannel portable = jdk;
        if (portable == null) {
            Socket socket = (Socket) ((EpollDatagramChannel) channel).fd();
            if (connected) {
                socket.send(nothing, 0, 0);
            } else {
                socket.sendTo(nothing, 0, 0, to.getAddress(), to.getPort());
            }
        } else if (connected && peer == null) {
            // The JDK sends nothing if a connected channel is given nothing to send; an unconnected one does send. To
            // connect it again would throw away what has arrived meanwhile.
            peer = to;
            portable.disconnect();
            portable.send(nothing, to);
        } else {
            portable.send(nothing, to);
        }
    }
}
