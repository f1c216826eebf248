package io.podlb.server.transport;

import io.netty.channel.ChannelException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoOps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The io_uring of one event loop, driven without channels: operations go in with the slot of their owner, and what they
 * came to is told to it. A slot is used again once its owner is closed and no operation of it is under way.
 *
 * <p>Thread rule: its event loop, but for {@link #newListener}.
 */
final class Ring implements IoUringIoHandle, LoopSockets {

    /** Entries of the submission queue. */
    static final int ENTRIES = 512;

    // Numbers of Linux: enum io_uring_op and the flags of its operations.
    static final byte ACCEPT = 13;
    static final byte ASYNC_CANCEL = 14;
    static final byte CONNECT = 16;
    static final byte CLOSE = 19;
    static final byte SEND = 26;
    static final byte RECV = 27;
    static final byte PROVIDE_BUFFERS = 31;
    static final int SELECT_BUFFER = 1 << 5;
    static final int HAS_BUFFER = 1;
    static final int MORE_COMPLETIONS = 1 << 1;
    static final int SOCKET_NOT_EMPTY = 1 << 2;

    private static final int CANCEL_ALL_OF_DESCRIPTOR = 3;

    /** Who has operations under way. */
    interface Owner {

        /**
         * An operation has come to this.
         *
         * @param result as of the system call; negative: an error number
         * @param flags of the completion
         */
        void completed(byte opcode, int result, int flags);

        /** Something threw in {@link #completed}. */
        void failed(RuntimeException cause);

        /** The event loop shuts down: close what is open. */
        void shutDown();

        /** The ring is gone: release the memory that operations used. Any thread, after everything else. */
        void terminated();

        /** Whether it submits nothing more. */
        boolean isClosed();
    }

    private final IoEventLoop eventLoop;
    private final Transport transport;
    private final RingBuffers buffers;
    private final RingAddresses addresses = new RingAddresses(2 * ENTRIES);
    private @Nullable Owner[] owners = new @Nullable Owner[256];
    private int[] underWay = new int[256];
    private int[] freeSlots = new int[256];
    private int free;
    private int used;
    private @Nullable IoRegistration registration; // from the registration on
    private boolean shutDown;

    Ring(IoEventLoop eventLoop, Transport transport) {
        this.eventLoop = eventLoop;
        this.transport = transport;
        this.buffers = new RingBuffers(this);
        // Comes before anything that is given to the event loop from now on.
        eventLoop.register(this).addListener(registered -> {
            if (registered.isSuccess()) {
                registration = (IoRegistration) registered.getNow();
                buffers.provide();
            }
        });
        eventLoop.terminationFuture().addListener(ended -> terminated());
    }

    IoEventLoop eventLoop() {
        return eventLoop;
    }

    RingBuffers buffers() {
        return buffers;
    }

    RingAddresses addresses() {
        return addresses;
    }

    /** A slot for the operations of that owner. */
    int slot(Owner owner) {
        int slot = free > 0 ? freeSlots[--free] : used++;
        if (slot == owners.length) {
            int length = 2 * slot;
            owners = Arrays.copyOf(owners, length);
            underWay = Arrays.copyOf(underWay, length);
            freeSlots = Arrays.copyOf(freeSlots, length);
        }
        owners[slot] = owner;
        return slot;
    }

    boolean isIdle(int slot) {
        return underWay[slot] == 0;
    }

    /** Submits an operation with the next turn of the event loop. The names are those of {@code io_uring_sqe}. */
    void submit(
            int slot,
            byte opcode,
            int flags,
            int ioprio,
            int fd,
            long off,
            long addr,
            int len,
            int opFlags,
            int group) {
        IoRegistration registered = registration;
        if (registered == null || !registered.isValid()) {
            throw new IllegalStateException("the event loop has shut down");
        }
        registered.submit(new IoUringIoOps(
                opcode,
                (byte) flags,
                (short) ioprio,
                fd,
                off,
                addr,
                len,
                opFlags,
                (long) slot,
                (short) group,
                (short) 0,
                0,
                0L));
        underWay[slot]++;
    }

    /** Cancels whatever is under way with a descriptor. */
    void cancel(int slot, int fd) {
        submit(slot, ASYNC_CANCEL, 0, 0, fd, 0, 0, 0, CANCEL_ALL_OF_DESCRIPTOR, 0);
    }

    void close(int slot, int fd) {
        submit(slot, CLOSE, 0, 0, fd, 0, 0, 0, 0, 0);
    }

    @Override
    public void handle(IoRegistration registered, IoEvent event) {
        IoUringIoEvent completion = (IoUringIoEvent) event;
        int slot = (int) completion.userData();
        Owner owner = owners[slot];
        if (owner == null) {
            throw new IllegalStateException("nobody has slot " + slot + " of " + completion);
        }
        if ((completion.flags() & MORE_COMPLETIONS) == 0) {
            underWay[slot]--;
        }
        try {
            owner.completed(completion.opcode(), completion.res(), completion.flags());
        } catch (RuntimeException e) {
            owner.failed(e);
        }
        if (underWay[slot] == 0 && owner.isClosed()) {
            release(slot);
        }
    }

    /** Gives back a slot of which nothing is under way. Whoever closes with an operation need not. */
    void release(int slot) {
        owners[slot] = null;
        freeSlots[free++] = slot;
    }

    @Override
    public RelaySocket open() {
        if (shutDown) {
            throw new ChannelException("the event loop has shut down");
        }
        return new RingSocket(this, Socket.newSocketStream(), false);
    }

    /** Takes over a socket that was accepted. Any thread. */
    void adopt(Socket socket, Consumer<RelaySocket> then) {
        if (!eventLoop.inEventLoop()) {
            try {
                eventLoop.execute(() -> adopt(socket, then));
            } catch (RejectedExecutionException hasShutDown) {
                RingListener.closeNow(socket);
            }
        } else if (shutDown) {
            RingListener.closeNow(socket);
        } else {
            then.accept(new RingSocket(this, socket, true));
        }
    }

    @Override
    public ListenSocket newListener(Acceptance acceptance) {
        return new RingListener(this, transport, acceptance);
    }

    /** The event loop shuts down. */
    @Override
    public void close() {
        if (shutDown) {
            return;
        }
        shutDown = true;
        List<Owner> open = new ArrayList<>();
        for (Owner owner : owners) {
            if (owner != null) {
                open.add(owner);
            }
        }
        open.forEach(Owner::shutDown);
        IoRegistration registered = registration;
        if (registered != null) {
            registered.cancel();
        }
    }

    /** The event loop has ended, and the ring is gone with what was still under way. Any thread. */
    private void terminated() {
        for (Owner owner : owners) {
            if (owner != null) {
                owner.terminated();
            }
        }
        addresses.release();
    }
}
