package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.podlb.server.fault.StreamFaults;
import io.podlb.server.transport.RelaySocket;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One of the two sockets of a session: what it reads is written to the other one.
 *
 * <p>A side is read on demand, while less than {@link #MAX_PENDING_BYTES} wait for the other one. The end of its stream
 * is passed on once everything before it was written. Some sockets read on by themselves after the peer's FIN, so bytes
 * and the end of the stream can come unasked, even before the backend is connected: they are kept until the sides are
 * joined.
 *
 * <p>When a write to a side fails, what its peer sent before is still read and delivered; only then both are reset, as
 * a kernel on the path would let it look.
 *
 * <p>Ownership: every buffer read is written to the other side, kept for it, or released here. Thread rule: the event
 * loop of the session.
 */
final class Side implements RelaySocket.Events {

    /**
     * The other side is not read while this many bytes wait for this one. One receive buffer more can be in memory, and
     * after the peer's FIN what the kernel still held of its stream.
     */
    private static final int MAX_PENDING_BYTES = 128 * 1024;

    /** State of one direction of a socket. */
    private enum Stream {
        OPEN,
        /** Complete on our part; what is pending and the FIN are on their way. Outputs only. */
        ENDING,
        /** Complete: the FIN was seen or sent. */
        ENDED,
        /** Cut off: reset, failed, vanished. */
        LOST
    }

    private final Session session;
    private final RelaySocket socket;
    private @Nullable Side other; // set by join
    private @Nullable FaultyStream faults; // what its stream meets on its way; set before the join
    private @Nullable Deque<ByteBuf> queue; // before the join what was read, after it what is to be written
    private int pendingBytes; // in the queue or in flight
    private int inFlightBytes;
    private boolean writing;
    private boolean gaveUp;
    private boolean finishedEarly; // its output was ended while its peer's stream was not
    private boolean watched; // read before the sides are joined
    private Stream input = Stream.OPEN;
    private Stream output = Stream.OPEN;
    private long bytesRead;

    /** Attaches itself to the socket. */
    Side(Session session, RelaySocket socket) {
        this.session = session;
        this.socket = socket;
        socket.attach(this);
    }

    RelaySocket socket() {
        return socket;
    }

    /** Bytes taken from this side and written towards the other. */
    long bytesRead() {
        return bytesRead;
    }

    /** Whether the streams from and to this side came to their regular ends. */
    boolean finished() {
        return input == Stream.ENDED && output == Stream.ENDED;
    }

    /** Reads once before the sides are joined, which shows whether the client is still there. */
    void readEarly() {
        if (input == Stream.OPEN && other == null) {
            socket.read();
        }
    }

    /** Reads on before the sides are joined, as much as may be pending, which shows when the client is gone. */
    void watch() {
        watched = true;
        readEarlyIfWatched();
    }

    private void readEarlyIfWatched() {
        if (watched && early() < MAX_PENDING_BYTES && !session.hasEnded()) {
            readEarly();
        }
    }

    private int early() {
        return queue == null
                ? 0
                : queue.stream().mapToInt(ByteBuf::readableBytes).sum();
    }

    /** From the join on the stream of this side meets these faults, if there are. */
    void meets(@Nullable StreamFaults asked) {
        if (asked != null) {
            faults = new FaultyStream(this, asked, session.loop().eventLoop());
        }
    }

    /** What came before the sides are joined, once something did. */
    Deque<ByteBuf> cameEarly() {
        return Objects.requireNonNull(queue, "queue");
    }

    /** Starts both streams, with a header for the backend first, which counts nowhere, and then with what came early. */
    static void join(Side client, Side backend, @Nullable ByteBuf header) {
        Deque<ByteBuf> fromClient = client.takeQueue();
        Deque<ByteBuf> fromBackend = backend.takeQueue();
        client.watched = false;
        client.other = backend;
        backend.other = client;
        if (header != null) {
            backend.send(header, header.readableBytes());
        }
        client.begin(fromClient);
        backend.begin(fromBackend);
    }

    private @Nullable Deque<ByteBuf> takeQueue() {
        Deque<ByteBuf> taken = queue;
        queue = null;
        return taken;
    }

    private void begin(@Nullable Deque<ByteBuf> early) {
        if (faults != null) {
            faults.begin();
        }
        if (early != null) {
            early.forEach(this::received);
        }
        if (input == Stream.ENDED) {
            passEnd();
        } else {
            readIfWanted();
        }
    }

    /** Releases what was read or is to be written and never will be. */
    void discard() {
        Deque<ByteBuf> left = takeQueue();
        if (left != null) {
            left.forEach(ByteBuf::release);
        }
        if (faults != null) {
            faults.discard();
        }
    }

    @Override
    public void received(ByteBuf buffer) {
        if (session.hasEnded()) {
            buffer.release();
        } else if (other == null) {
            enqueue(buffer);
            session.receivedEarly();
        } else if (faults != null) {
            faults.received(buffer);
        } else {
            forward(buffer);
        }
    }

    @Override
    public void readComplete() {
        readIfWanted();
        readEarlyIfWatched();
    }

    void readIfWanted() {
        Side peer = other;
        if (peer != null
                && input == Stream.OPEN
                && peer.takesMore()
                && (faults == null || faults.takesMore())
                && !session.hasEnded()) {
            socket.read();
        }
    }

    /** After an early end the peer is read on, for its end or for what cannot be delivered any more. */
    private boolean takesMore() {
        return (output == Stream.OPEN || finishedEarly) && pendingBytes < MAX_PENDING_BYTES;
    }

    /** Whether both of its streams are open and nothing is on its way to it. */
    boolean isIdle() {
        return input == Stream.OPEN && output == Stream.OPEN && !writing && (faults == null || faults.isIdle());
    }

    /** Ends the stream to this side though its peer's is open: a hint that it should close. */
    void finishEarly() {
        finishedEarly = true;
        endOutput();
    }

    /** Passes on bytes that were read, and that have got through if they met faults. */
    void forward(ByteBuf buffer) {
        int size = buffer.readableBytes();
        bytesRead += size;
        session.relayed(this, size);
        joined().send(buffer, size);
    }

    private void send(ByteBuf buffer, int size) {
        if (output != Stream.OPEN || session.hasEnded()) {
            buffer.release(); // beyond writing; the session ends as a reset
            if (finishedEarly) {
                session.undeliverable();
            }
            return;
        }
        pendingBytes += size;
        if (writing) {
            enqueue(buffer);
        } else {
            write(buffer);
        }
    }

    private void enqueue(ByteBuf buffer) {
        if (queue == null) {
            queue = new ArrayDeque<>(2);
        }
        queue.addLast(buffer);
    }

    private void write(ByteBuf buffer) {
        writing = true;
        inFlightBytes = buffer.readableBytes();
        socket.write(buffer);
    }

    @Override
    public void written(boolean success) {
        writing = false;
        if (session.hasEnded()) {
            return;
        }
        if (!success) {
            loseOutput();
            return;
        }
        pendingBytes -= inFlightBytes;
        ByteBuf next = queue == null ? null : queue.pollFirst();
        if (next != null) {
            write(next);
        } else if (output == Stream.ENDING) {
            shutOutput();
        } else if (joined().gaveUp) {
            session.lost(joined());
        }
        joined().readIfWanted();
    }

    private Side joined() {
        Side peer = other;
        if (peer == null) {
            throw new IllegalStateException("not joined");
        }
        return peer;
    }

    @Override
    public void inputEnded() {
        if (input == Stream.OPEN && !session.hasEnded()) {
            passEnd();
        }
    }

    private void passEnd() {
        if (faults != null && other != null) {
            faults.ended();
        } else {
            endInput();
        }
    }

    /** Whether its stream was cut off by a fault, and not by its peer. */
    boolean wasCut() {
        return faults != null && faults.isCut();
    }

    @Override
    public void outputLost() {
        if (output == Stream.OPEN && !session.hasEnded()) {
            loseOutput();
        }
    }

    /** Its stream is complete, and what came of it has got through. */
    void endInput() {
        input = Stream.ENDED;
        session.inputEnded(this);
        if (output == Stream.LOST) {
            giveUp();
        } else if (other != null) {
            other.endOutput();
        }
    }

    /** The stream to this side is complete: shuts the output once all of it was written. */
    private void endOutput() {
        if (output == Stream.OPEN) {
            output = Stream.ENDING;
            if (!writing) {
                shutOutput();
            }
        } else if (output == Stream.ENDED) {
            session.outputEnded(); // it was ended early, and this is the last of the four ends
        }
    }

    private void shutOutput() {
        if (input != Stream.ENDED || !joined().finished()) {
            try {
                socket.shutOutput();
            } catch (IOException gone) {
                loseOutput();
                return;
            }
        } // else this FIN is the last thing to happen here, and the close that follows sends it
        output = Stream.ENDED;
        session.outputEnded();
    }

    /** Bytes for this side were lost. Its own stream may still have an end, which the other side should see. */
    private void loseOutput() {
        if (output == Stream.LOST) {
            return;
        }
        output = Stream.LOST;
        Side peer = other;
        if (peer == null) {
            giveUp();
        } else if (peer.gaveUp) {
            session.lost(peer);
        } else if (input == Stream.OPEN) {
            readIfWanted();
        } else {
            giveUp();
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (!session.hasEnded()) {
            session.failed(cause);
        }
    }

    @Override
    public void inputLost() {
        if (faults != null && other != null) {
            faults.lost();
        } else {
            loseInput();
        }
    }

    /** Its stream was cut off; what it met faults for has got through. */
    void loseInput() {
        if (input != Stream.LOST && !session.hasEnded()) {
            input = Stream.LOST;
            giveUp();
        }
    }

    /** Nothing more will come from this side: ends the session as its reset, once the other side has what came before. */
    private void giveUp() {
        gaveUp = true;
        Side peer = other;
        if (peer == null || !peer.writing || peer.output == Stream.LOST) {
            session.lost(this);
        }
    }
}
