package io.podlb.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.unix.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Receive buffers of one ring. The kernel takes one when bytes are there, so a socket that waits holds none. Small ones
 * are slices of a block, which costs one operation for many; large ones are for sockets whose bytes filled the last one.
 *
 * <p>Thread rule: the event loop of the ring.
 */
final class RingBuffers implements Ring.Owner {

    static final int SMALL = 4 * 1024;
    static final int LARGE = 128 * 1024;

    private final Group small = new Group(1, SMALL, 8, 32);
    private final Group large = new Group(2, LARGE, 1, 2);
    private final Ring ring;
    private final int slot;
    private boolean closed;

    RingBuffers(Ring ring) {
        this.ring = ring;
        this.slot = ring.slot(this);
    }

    Group group(boolean fast) {
        return fast ? large : small;
    }

    /** Gives the kernel its first buffers. */
    void provide() {
        small.provide();
        large.provide();
    }

    @Override
    public void completed(byte opcode, int result, int flags) {
        if (result < 0) {
            throw new IllegalStateException("the kernel takes no receive buffers: error " + result);
        }
    }

    @Override
    public void failed(RuntimeException cause) {
        throw cause; // Netty logs it
    }

    @Override
    public void shutDown() {
        closed = true;
    }

    @Override
    public boolean isClosed() {
        return false;
    }

    @Override
    public void terminated() {
        small.release();
        large.release();
    }

    static long address(ByteBuf content, int index) {
        if (content.hasMemoryAddress()) {
            return content.memoryAddress() + index;
        }
        ByteBuffer bytes = content.internalNioBuffer(index, content.writableBytes() + content.readableBytes());
        return Buffer.memoryAddress(bytes) + bytes.position();
    }

    /** Buffers of one size, as the kernel chooses among them. */
    final class Group {
        private final int id;
        private final int size;
        private final int perBlock;
        private final int enough;
        private @Nullable ByteBuf[] blocks =
                new @Nullable ByteBuf[16]; // at the number of their first buffer / perBlock
        private final Deque<Integer> freeBlocks = new ArrayDeque<>();
        private int usedBlocks;
        private int[] left = new int[16]; // buffers of each block that the kernel still has
        private int available;

        /** @param enough buffers that the kernel always has for one turn of the event loop */
        Group(int id, int size, int perBlock, int enough) {
            this.id = id;
            this.size = size;
            this.perBlock = perBlock;
            this.enough = enough;
        }

        int id() {
            return id;
        }

        /** Sees to it that there are enough. */
        void provide() {
            while (available < enough && !closed) {
                provideBlock();
            }
        }

        /** There were not enough. */
        void provideMore() {
            if (!closed) {
                provideBlock();
            }
        }

        private void provideBlock() {
            Integer free = freeBlocks.pollFirst();
            int block = free == null ? usedBlocks++ : free;
            if (block == blocks.length) {
                blocks = Arrays.copyOf(blocks, 2 * block);
                left = Arrays.copyOf(left, 2 * block);
            }
            // Netty's default allocator pools no buffer of this size.
            ByteBuf content = PooledByteBufAllocator.DEFAULT.directBuffer(size * perBlock, size * perBlock);
            blocks[block] = content;
            left[block] = perBlock;
            available += perBlock;
            ring.submit(
                    slot,
                    Ring.PROVIDE_BUFFERS,
                    0,
                    0,
                    perBlock,
                    (long) block * perBlock,
                    address(content, 0),
                    size,
                    0,
                    id);
        }

        /**
         * Takes a buffer that the kernel has used.
         *
         * @param length bytes in it
         * @return to be released by the caller
         */
        ByteBuf take(int buffer, int length) {
            int block = buffer / perBlock;
            ByteBuf content = blocks[block];
            if (content == null) {
                throw new IllegalStateException("the kernel has no buffer " + buffer);
            }
            ByteBuf taken = content.retainedSlice(buffer % perBlock * size, length);
            available--;
            if (--left[block] == 0) {
                blocks[block] = null;
                freeBlocks.addLast(block);
                content.release();
            }
            provide();
            return taken;
        }

        private void release() {
            for (int i = 0; i < usedBlocks; i++) {
                ByteBuf content = blocks[i];
                if (content != null) {
                    blocks[i] = null;
                    content.release();
                }
            }
        }
    }
}
