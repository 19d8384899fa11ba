"""The result of `qtest mutate`, in every form it is shown in."""
