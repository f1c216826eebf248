package io.podlb.server.balance;

import io.podlb.server.service.SocketAddressSpec;

/**
 * Why a backend was picked. {@code toString} of each is a clause for people, in the words of its policy; the numbers
 * are those that the policy compared.
 */
public sealed interface PickReason {

    /**
     * Every candidate had the same chance.
     *
     * @param candidates how many there were, those already tried left out
     */
    record Random(int candidates) implements PickReason {
        @Override
        public String toString() {
            return "random: one of " + candidates;
        }
    }

    /**
     * A chance by weight.
     *
     * @param weight the weight of the pick
     * @param total the weight of all candidates, those already tried left out
     */
    record Weighted(int weight, int total) implements PickReason {
        @Override
        public String toString() {
            return "random by weight: " + weight + " of " + total;
        }
    }

    /**
     * It was its turn.
     *
     * @param turn position in the cycle, from 1
     * @param length length of the cycle
     */
    record Turn(int turn, int length) implements PickReason {
        @Override
        public String toString() {
            return "round-robin: turn " + turn + " of " + length;
        }
    }

    /**
     * It was its turn, where heavier candidates have more turns than others.
     *
     * @param weight turns of the pick in a cycle
     * @param total turns of all candidates in a cycle
     */
    record WeightedTurn(int weight, int total) implements PickReason {
        @Override
        public String toString() {
            return "round-robin by weight: one of its " + weight + " turns of " + total;
        }
    }

    /**
     * Nobody had fewer connections, by weight.
     *
     * @param active connections that it had at the pick
     * @param weight its weight
     * @param candidates how many were compared
     */
    record LeastConnections(int active, int weight, int candidates) implements PickReason {
        @Override
        public String toString() {
            return "least-connections: " + load(active, weight) + ", the fewest of " + candidates;
        }
    }

    /**
     * The better of two that were drawn.
     *
     * @param active connections of the pick
     * @param weight its weight
     * @param other the one that was not taken
     * @param otherActive its connections
     * @param otherWeight its weight
     */
    record TwoChoices(int active, int weight, SocketAddressSpec other, int otherActive, int otherWeight)
            implements PickReason {
        @Override
        public String toString() {
            return "two-choices: " + load(active, weight) + ", against " + other + " with "
                    + load(otherActive, otherWeight);
        }
    }

    /**
     * The client's address hashes to it.
     *
     * @param slot entry of the lookup table
     * @param size length of the table
     */
    record Hash(int slot, int size) implements PickReason {
        @Override
        public String toString() {
            return "maglev: slot " + slot + " of " + size;
        }
    }

    /** This client was sent there before and its time has not run out (kube-semantics 8.3). */
    record Affinity() implements PickReason {
        @Override
        public String toString() {
            return "affinity: where this client was before";
        }
    }

    /** Nothing to choose: there was one candidate, or one that had not been tried. */
    record Only() implements PickReason {
        static final Only INSTANCE = new Only();

        @Override
        public String toString() {
            return "the only candidate left";
        }
    }

    /** It was left out since it could not be reached, and this connection tries whether it can be again. */
    record Trial() implements PickReason {
        static final Trial INSTANCE = new Trial();

        @Override
        public String toString() {
            return "trial: it was ejected, and its time is over";
        }
    }

    /** It is left out since it could not be reached, but all others have failed this connection. */
    record LastResort() implements PickReason {
        static final LastResort INSTANCE = new LastResort();

        @Override
        public String toString() {
            return "last resort: it is ejected, but all others were tried";
        }
    }

    /**
     * A reason of a policy that podlb does not ship.
     *
     * @param text a clause for people
     */
    record Other(String text) implements PickReason {
        @Override
        public String toString() {
            return text;
        }
    }

    private static String load(int active, int weight) {
        return active + " active" + (weight == 1 ? "" : " at weight " + weight);
    }
}
