package io.podlb.server.transport;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A TCP socket that is read on demand, one buffer at a time, and written one buffer at a time.
 *
 * <p>Nothing is closed by itself: neither the end of a stream nor a failure does it. Whoever has one closes it.
 *
 * <p>Thread rule: its event loop.
 */
public interface RelaySocket {

    /** What happens to a socket, told on its event loop until {@link #close}. */
    interface Events {

        /** Bytes were read, asked for or not. The receiver releases them. */
        void received(ByteBuf content);

        /** What was received came to a stop; the next {@link RelaySocket#read} may follow. */
        void readComplete();

        /** The peer's stream is complete. */
        void inputEnded();

        /** The peer's stream was cut: reset, failed, vanished. */
        void inputLost();

        /** The buffer in flight was taken by the kernel as a whole, or can never be. */
        void written(boolean success);

        /** Nothing can be written any more, and nobody asked for that. */
        void outputLost();

        /** Something threw that never should. */
        void failed(Throwable cause);
    }

    /** Begins to tell what happens. Once, before anything else is asked of it. */
    void attach(Events events);

    /**
     * Connects a new socket.
     *
     * @param source the address to connect from, of this machine or not, of the same family; null: the kernel chooses
     * @param done gets null, or why it failed, a {@link SourceException} if for the source; not called after {@link #close}
     */
    void connect(InetSocketAddress address, @Nullable InetAddress source, Consumer<@Nullable Throwable> done);

    /** The peer; null if it is gone already. */
    @Nullable
    InetSocketAddress remoteAddress();

    /** This end; null if it is gone already. */
    @Nullable
    InetSocketAddress localAddress();

    /** Whether both ends are the same socket, as in a simultaneous open with itself (RFC 9293 3.5). */
    boolean isConnectedToItself();

    /** Asks for bytes; while that is under way, more calls change nothing. */
    void read();

    /**
     * Writes all of it. The next one follows {@link Events#written}.
     *
     * @param content released by this
     */
    void write(ByteBuf content);

    /**
     * Ends the stream to the peer. Only while nothing is in flight.
     *
     * @throws IOException if the connection is gone
     */
    void shutOutput() throws IOException;

    /** Lets a peer that vanished without a word be noticed after about two minutes. */
    void keepAlive();

    /** Lets the coming {@link #close} send RST instead of FIN. */
    void reset();

    /** Closes it; what was to be written is released. Later calls do nothing. */
    void close();
}
